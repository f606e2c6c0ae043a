import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UserError, errorCodeOf, errorMessageOf } from '../../domain/errors';
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

export interface ClusterOptions {
  /** Whether a new cluster is on the disk before it is used. */
  readonly durable: boolean;
}

/**
 * Finds the cluster in a data folder, or makes it. A first start that was killed half-way leaves nothing that the
 * next one trips over: the cluster is made beside its place and then moved there.
 *
 * @throws UserError when there is something else in its place, or a cluster of another major version.
 */
export async function prepareCluster(
  dataDir: string,
  binaries: PostgresBinaries,
  options: ClusterOptions,
): Promise<Cluster> {
  const folder = join(dataDir, 'postgres');
  const password = await readOrMakePassword(join(dataDir, 'postgres.password'));
  const version = await readText(join(folder, 'PG_VERSION'));
  if (version === null) {
    await refuseOtherFiles(folder);
    await makeCluster({ folder, password }, binaries, options);
  } else {
    await refuseOtherMajor(folder, version.trim(), binaries);
  }
  return { folder, password };
}

async function makeCluster(
  { folder, password }: Cluster,
  binaries: PostgresBinaries,
  { durable }: ClusterOptions,
): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  const passwordFile = `${unfinished}.password`;
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
    '--no-instructions',
    ...(durable ? [] : ['--no-sync']),
  ]);
  try {
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true, mode: 0o700 });
    await writeFile(passwordFile, password, { mode: 0o600 });
    await run(program, args);
    await rename(unfinished, folder);
  } catch (cause) {
    // What is half made may be what fills the disk.
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    throw cannotMake(folder, cause);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

function cannotMake(folder: string, cause: unknown): UserError {
  const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : errorMessageOf(cause);
  const lines = said.trim().split('\n');
  const reason = lines.find((line) => /error:|FATAL|PANIC|could not/.test(line)) ?? lines.at(-1) ?? '';
  const advice = /No space left|ENOSPC|Disk quota/.test(said)
    ? 'The disk is full: free some space and start again.'
    : 'Set DATA_DIR to another folder, or DATABASE_URL to a PostgreSQL that exists.';
  return new UserError(
    `PostgreSQL could not make its files in ${folder}: ${reason.trim().replace(/\.$/, '')}. ${advice}`,
    {
      code: 'POSTGRES_INIT_FAILED',
      cause,
    },
  );
}

/** A cluster is moved to its place when it is whole: files there that are none are not ours to remove. */
async function refuseOtherFiles(folder: string): Promise<void> {
  const found = await readdir(folder).catch((error: unknown) => {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw error;
  });
  if (found.length === 0) return;
  throw new UserError(
    `The folder ${folder} holds ${found.length} files, but no database of PostgreSQL (PG_VERSION is missing). Move it away, put back a backup, or set DATA_DIR to another folder.`,
    { code: 'POSTGRES_NO_CLUSTER' },
  );
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
