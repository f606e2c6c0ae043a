import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const built = join(__dirname, '../../dist');

/** Writes a shell script that can be run, and answers its path. */
export async function writeProgram(path: string, script: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

/**
 * Runs code of the built product in a process of its own, because a process has one PATH. `require` begins at `dist`.
 *
 * @returns `{ result }` or `{ error }`, the error's sentence.
 */
export async function evaluateBuilt(code: string, path: string): Promise<unknown> {
  const script = `(async () => { ${code} })().then(
    (result) => process.stdout.write(JSON.stringify({ result: result ?? null })),
    (error) => process.stdout.write(JSON.stringify({ error: error.message })))`;
  const { stdout } = await run(process.execPath, ['-e', script], { cwd: built, env: { PATH: path } });
  return JSON.parse(stdout) as unknown;
}
