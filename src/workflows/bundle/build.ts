import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { workflowBundlePath } from './path';

/** Builds the workflow bundle, unless nothing that goes into it has changed since the last build. */
async function buildWorkflowBundle(): Promise<void> {
  const compiled = join(__dirname, '..', '..');
  const fingerprint = await fingerprintOf([
    join(compiled, 'workflows'),
    join(compiled, 'domain', 'rules'),
    join(compiled, 'temporal'),
  ]);
  const mark = `${workflowBundlePath}.sha256`;
  if ((await readFile(mark, 'utf8').catch(() => '')) === fingerprint) return;
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(compiled, 'workflows', 'index.js'),
    logger: new DefaultLogger('WARN'),
  });
  await writeFile(workflowBundlePath, code);
  await writeFile(mark, fingerprint);
}

async function fingerprintOf(folders: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  hash.update(await readFile(require.resolve('@temporalio/worker/package.json')));
  for (const folder of folders) {
    const files = (await readdir(folder)).filter((name) => name.endsWith('.js')).sort();
    for (const file of files) hash.update(file).update(await readFile(join(folder, file)));
  }
  return hash.digest('hex');
}

void buildWorkflowBundle();
