import { type ChildProcess, spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { Client } from 'pg';
import { stopProcess } from '../../stop-process';
import { asOrdinaryUser, type Command } from './as-ordinary-user';
import { findPostgresBinaries } from './binaries';
import { type Cluster, clusterUser, prepareCluster } from './cluster';
import { stopLeftOver } from './left-over';
import { waitUntilReady } from './wait-until-ready';

const databaseName = 'orchestrator';
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
  /** Gives up a start that is under way: the server is stopped and the start rejects with the signal's reason. */
  readonly signal?: AbortSignal;
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
  const { dataDir, port, signal, durable = true } = options;
  const binaries = findPostgresBinaries();
  const cluster = await prepareCluster(dataDir, binaries, { durable });
  await stopLeftOver(cluster.folder);
  signal?.throwIfAborted();
  const [program, ...args] = toCommand(binaries.postgres, cluster, options);
  // In a process group of its own: Ctrl-C is for the product, which stops its parts in order.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: {}, detached: true });
  const said = collectOutput(child, options.logFd);
  const url = (database: string) =>
    `postgres://${clusterUser}:${cluster.password}@127.0.0.1:${port}/${database}`;
  // PostgreSQL's "fast shutdown": open transactions are rolled back, the files are left clean.
  const stop = () => stopProcess(child, { signal: 'SIGINT', withinMs: stopWithinMs });
  try {
    await waitUntilReady({ process: child, url: url('postgres'), said, signal });
    await ensureDatabase(url('postgres'));
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: url(databaseName), process: child, stop };
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

/** Writes what the server says to its log, and keeps the last lines for the sentence when it does not start. */
function collectOutput(child: ChildProcess, logFd: number | undefined): () => string {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4_000);
      if (logFd !== undefined) append(logFd, chunk);
    });
  }
  return () => said;
}

function append(logFd: number, chunk: Buffer): void {
  try {
    writeSync(logFd, chunk);
  } catch {
    // A log that cannot be written, on a full disk, must not end the product; the server says so itself.
  }
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
