import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UserError, errorCodeOf } from '../../domain/errors';
import { asOrdinaryUser } from './as-ordinary-user';
import type { PostgresBinaries } from './binaries';

const run = promisify(execFile);

/** The one user of the embedded cluster. */
export const clusterUser = 'orchestrator';

/** A cluster on disk, ready to be started. */
export interface Cluster {
  /** Absolute path of PostgreSQL's data folder. */
  readonly folder: string;
  readonly password: string;
}

/**
 * Finds the cluster in a data folder, or makes it. A first start that was killed half-way leaves nothing that the
 * next one trips over: the cluster is made beside its place and then moved there.
 */
export async function prepareCluster(dataDir: string, binaries: PostgresBinaries): Promise<Cluster> {
  const folder = join(dataDir, 'postgres');
  const password = await readOrMakePassword(join(dataDir, 'postgres.password'));
  const version = await readText(join(folder, 'PG_VERSION'));
  if (version === null) {
    await makeCluster(folder, password, binaries);
  } else {
    await refuseOtherMajor(folder, version.trim(), binaries);
  }
  return { folder, password };
}

async function makeCluster(folder: string, password: string, binaries: PostgresBinaries): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  const passwordFile = `${unfinished}.password`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  const [program, ...args] = asOrdinaryUser([
    binaries.initdb,
    '--pgdata',
    unfinished,
    '--username',
    clusterUser,
    '--pwfile',
    passwordFile,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ]);
  try {
    await run(program, args);
    await rename(unfinished, folder);
  } catch (cause) {
    throw new UserError(`PostgreSQL could not make its files in ${folder}: ${lastLine(cause)}`, {
      code: 'POSTGRES_INIT_FAILED',
      cause,
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function refuseOtherMajor(folder: string, found: string, binaries: PostgresBinaries): Promise<void> {
  const { stdout } = await run(binaries.postgres, ['--version']);
  const own = /(\d+)/.exec(stdout)?.[1];
  if (own === found) return;
  throw new UserError(
    `The database in ${folder} was made by PostgreSQL ${found}, this Orchestrator brings ${own ?? 'another one'}. Start the version of Orchestrator that made it and move the data with pg_dump, or set DATA_DIR to a new folder.`,
    { code: 'POSTGRES_OTHER_MAJOR' },
  );
}

async function readOrMakePassword(path: string): Promise<string> {
  const known = await readText(path);
  if (known !== null && known !== '') return known;
  const made = randomBytes(24).toString('base64url');
  await writeFile(path, made, { mode: 0o600 });
  return made;
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** What a program said last, which is what it failed with. */
export function lastLine(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  return text.trim().split('\n').at(-1) ?? '';
}
