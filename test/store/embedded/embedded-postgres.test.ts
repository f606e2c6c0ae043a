import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { findFreePort, whyNotListen } from '../../../src/start/free-port';
import { startEmbeddedPostgres } from '../../../src/store/embedded/embedded-postgres';
import { until } from '../../support/until';

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-embedded-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

const start = async (folder = dataDir, signal?: AbortSignal) =>
  startEmbeddedPostgres({
    dataDir: folder,
    port: await findFreePort(),
    durable: false,
    ...(signal === undefined ? {} : { signal }),
  });

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  // A server that is killed breaks its connections; the tests look at what comes after.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function ask(url: string, query: string): Promise<unknown> {
  const client = await connect(url);
  try {
    const { rows } = await client.query<Record<string, unknown>>(query);
    return rows[0] === undefined ? undefined : Object.values(rows[0])[0];
  } finally {
    await client.end();
  }
}

async function inOwnFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-embedded-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('the embedded PostgreSQL', () => {
  it('makes its cluster at the first start, in UTF-8, with a password that only its owner can read', async () => {
    const postgres = await start();
    try {
      expect(await ask(postgres.url, 'show server_encoding')).toBe('UTF8');
      const { mode } = await stat(join(dataDir, 'postgres.password'));
      expect(mode & 0o077).toBe(0);
      const stranger = new URL(postgres.url);
      stranger.password = 'guessed';
      await expect(connect(stranger.href)).rejects.toMatchObject({ code: '28P01' });
    } finally {
      await postgres.stop();
    }
    expect(await whyNotListen('127.0.0.1', Number(new URL(postgres.url).port))).toBeNull();
  });

  it('starts again on what a killed server has left, though a session still works there', async () => {
    const killed = await start();
    await ask(killed.url, 'create table kept as select 42 as answer');
    await ask(killed.url, 'checkpoint');
    const session = await connect(killed.url);
    // Busy with computing, it does not notice that its server has died.
    const busy = session.query('select count(*) from generate_series(1, 1e12)').catch(() => 'interrupted');
    const isBusy = `select 1 from pg_stat_activity where state = 'active' and query like '%1e12%' and pid <> pg_backend_pid()`;
    await until('the session to work', async () => (await ask(killed.url, isBusy)) ?? undefined);
    killed.process.kill('SIGKILL');
    await once(killed.process, 'exit');

    const next = await start();
    try {
      expect(await ask(next.url, 'select answer from kept')).toBe(42);
      expect(await busy).toBe('interrupted');
    } finally {
      await next.stop();
    }
  });

  it('stops a server that still runs on its files before it starts its own', async () => {
    const left = await start();
    const next = await start();
    try {
      await until('the end of the first', () => (left.process.exitCode === null ? undefined : true));
      expect(await ask(next.url, 'select 1')).toBe(1);
    } finally {
      await next.stop();
    }
  });

  it('is not kept from starting by a stale postmaster.pid whose number another program has now', async () => {
    const other: ChildProcess = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      await writeFile(
        join(dataDir, 'postgres', 'postmaster.pid'),
        `${other.pid ?? 0}\n${join(dataDir, 'postgres')}\n1795441192\n5432\n\n127.0.0.1\n 1 1\nready\n`,
      );
      const postgres = await start();
      expect(await ask(postgres.url, 'select 1')).toBe(1);
      await postgres.stop();
      expect(other.exitCode).toBeNull();
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('refuses a password that is not the one of the cluster, and says where it belongs', async () => {
    const file = join(dataDir, 'postgres.password');
    const password = await readFile(file, 'utf8');
    await writeFile(file, 'another');
    await expect(start()).rejects.toThrow(/refuses the password in the file postgres\.password/);
    await writeFile(file, password);
  });

  it('leaves nothing running when its start is given up', async () => {
    const port = await findFreePort();
    const giveUp = new AbortController();
    const starting = startEmbeddedPostgres({ dataDir, port, durable: false, signal: giveUp.signal });
    giveUp.abort(new Error('not wanted any more'));
    await expect(starting).rejects.toThrow('not wanted any more');
    expect(await whyNotListen('127.0.0.1', port)).toBeNull();
  });

  it('says which port is taken', async () => {
    const other: Server = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    // It accepts the connection and says nothing, or something else: PostgreSQL it is not.
    other.on('connection', (socket) => socket.destroy());
    await expect(startEmbeddedPostgres({ dataDir, port, durable: false })).rejects.toThrow(
      /The embedded PostgreSQL did not start: .*(bind|TCP\/IP).* See postgres\.log/,
    );
    other.close();
    await once(other, 'close');
  });
});

describe('a data folder that is not as it should be', () => {
  it('heals when the first start was killed half-way', () =>
    inOwnFolder(async (folder) => {
      await mkdir(join(folder, 'postgres.unfinished', 'base'), { recursive: true });
      await writeFile(join(folder, 'postgres.unfinished', 'PG_VERSION'), '18\n');
      await writeFile(join(folder, 'postgres.unfinished.password'), 'half');
      await writeFile(join(folder, 'postgres.password'), '');
      const postgres = await start(folder);
      expect(await ask(postgres.url, 'select 1')).toBe(1);
      await postgres.stop();
      expect((await readdir(folder)).sort()).toEqual(['postgres', 'postgres.password']);
    }));

  it('is refused when another major version has made its cluster', () =>
    inOwnFolder(async (folder) => {
      await mkdir(join(folder, 'postgres'));
      await writeFile(join(folder, 'postgres', 'PG_VERSION'), '15\n');
      await expect(start(folder)).rejects.toThrow(
        /was made by PostgreSQL 15, this Orchestrator brings \d+\. .*pg_dump, or set DATA_DIR/,
      );
    }));

  it('is refused, and nothing is removed, when there are other files where the cluster belongs', () =>
    inOwnFolder(async (folder) => {
      await mkdir(join(folder, 'postgres'));
      await writeFile(join(folder, 'postgres', 'dear.txt'), 'keep me');
      await expect(start(folder)).rejects.toThrow(/holds 1 files, but no database of PostgreSQL/);
      expect(await readFile(join(folder, 'postgres', 'dear.txt'), 'utf8')).toBe('keep me');
    }));
});
