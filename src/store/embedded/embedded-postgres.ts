import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { UserError } from '../../domain/errors';
import { asOrdinaryUser, type Command } from './as-ordinary-user';
import { findPostgresBinaries } from './binaries';
import { type Cluster, clusterUser, prepareCluster } from './cluster';

const databaseName = 'orchestrator';
const readyWithinMs = 60_000;
const stopWithinMs = 10_000;

export interface EmbeddedPostgresOptions {
  /** Absolute path of the product's data folder; the cluster lives in `postgres` below it. */
  readonly dataDir: string;
  /** On 127.0.0.1. */
  readonly port: number;
  /** Where the server's own messages go: a file descriptor. Ignored when left out. */
  readonly logFd?: number;
  /** A program, with its arguments, that starts the server: see start/end-with-parent.ts. */
  readonly wrapper?: readonly string[];
  /** Whether commits are on the disk before they are answered. Off only where the data may be lost, in tests. */
  readonly durable?: boolean;
}

export interface EmbeddedPostgres {
  readonly url: string;
  readonly process: ChildProcess;
  /** Stops the server, at the latest after ten seconds by force. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL that npm brings, on a cluster in the data folder that is made at the first start, and
 * waits until it answers. A server that a killed product left behind on the same files is stopped first.
 *
 * @throws UserError in a sentence that says what to do.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const binaries = findPostgresBinaries();
  const cluster = await prepareCluster(options.dataDir, binaries);
  await stopLeftOver(cluster.folder);
  const [program, ...args] = toCommand(binaries.postgres, cluster, options);
  // In a process group of its own: Ctrl-C is for the product, which stops its parts in order.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: {}, detached: true });
  const said = collectOutput(child, options.logFd);
  const url = (database: string) =>
    `postgres://${clusterUser}:${cluster.password}@127.0.0.1:${options.port}/${database}`;
  try {
    await waitUntilReady(child, url('postgres'), said);
    await ensureDatabase(url('postgres'));
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return { url: url(databaseName), process: child, stop: () => stop(child) };
}

function toCommand(postgres: string, cluster: Cluster, options: EmbeddedPostgresOptions): Command {
  const [program = postgres, ...args] = [
    ...(options.wrapper ?? []),
    postgres,
    ...serverArguments(cluster, options),
  ];
  return asOrdinaryUser([program, ...args]);
}

function serverArguments(cluster: Cluster, options: EmbeddedPostgresOptions): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(options.port),
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '128MB',
    max_wal_size: '1GB',
    ...(options.durable === false
      ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
      : {}),
  };
  return [
    '-D',
    cluster.folder,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

/** Keeps the last lines that the server said, for the sentence when it does not start. */
function collectOutput(child: ChildProcess, logFd: number | undefined): { text: string } {
  const said = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said.text = (said.text + chunk.toString()).slice(-4_000);
      if (logFd !== undefined) writeSync(logFd, chunk);
    });
  }
  return said;
}

async function waitUntilReady(child: ChildProcess, url: string, said: { text: string }): Promise<void> {
  const giveUpAt = Date.now() + readyWithinMs;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw startFailed(said.text);
    if (await answers(url)) return;
    if (Date.now() > giveUpAt) throw startFailed(`no answer within ${readyWithinMs / 1_000} s. ${said.text}`);
    await delay(50);
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function startFailed(said: string): UserError {
  const reason =
    /(FATAL|PANIC|could not|No space left).*/.exec(said)?.[0] ?? said.trim().split('\n').at(-1) ?? '';
  const advice = said.includes('No space left')
    ? 'The disk is full: free some space and start again.'
    : 'See postgres.log in the folder logs of DATA_DIR, or set DATABASE_URL to a PostgreSQL that exists.';
  return new UserError(`The embedded PostgreSQL did not start: ${reason}. ${advice}`, {
    code: 'POSTGRES_NOT_STARTED',
  });
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [databaseName]);
    if (rowCount === 0) await client.query(`create database ${databaseName}`);
  } finally {
    await client.end();
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  // PostgreSQL's "fast shutdown": open transactions are rolled back, the files are left clean.
  child.kill('SIGINT');
  const patience = new AbortController();
  await Promise.race([
    ended,
    delay(stopWithinMs, undefined, { signal: patience.signal }).catch(() => undefined),
  ]);
  patience.abort();
  // Harmless for a process that has ended.
  child.kill('SIGKILL');
  await ended;
}

/** Stops a server that still runs on these files because the product that had started it was killed. */
async function stopLeftOver(folder: string): Promise<void> {
  const pidFile = await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(pidFile.split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !(await runsOn(pid, folder))) return;
  process.kill(pid, 'SIGINT');
  const giveUpAt = Date.now() + stopWithinMs;
  while (await runsOn(pid, folder)) {
    if (Date.now() > giveUpAt) process.kill(pid, 'SIGKILL');
    await delay(50);
  }
}

/** Whether this process is a PostgreSQL on this folder: a pid may have been given to another program since. */
async function runsOn(pid: number, folder: string): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.includes('postgres') && commandLine.includes(folder);
}
