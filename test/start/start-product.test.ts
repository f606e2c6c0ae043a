import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config';
import { errorMessageOf } from '../../src/domain/errors';
import { type DataFolder, takeDataFolder } from '../../src/start/data-folder';
import { findFreePort, whyNotListen } from '../../src/start/free-port';
import { Parts } from '../../src/start/processes/parts';
import { startProduct } from '../../src/start/start-product';
import { createTerminal } from '../../src/start/terminal';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { testTemporal } from '../support/temporal';
import { until } from '../support/until';

/** Stand-ins for the product's programs: what they have to do with `npm start`, and nothing else. */
const serverProgram = `
  require('node:http').createServer((request, response) => {
    response.writeHead(request.url === '/health/ready' ? 200 : 404);
    response.end(JSON.stringify({ pid: process.pid, database: process.env.DATABASE_URL, folder: process.env.DATA_DIR }));
  }).listen(Number(process.env.PORT), '127.0.0.1');
  process.on('disconnect', () => process.exit());
`;
const workerProgram = `setInterval(() => undefined, 1000); process.on('disconnect', () => process.exit());`;
const brokenProgram = `process.stderr.write('The server cannot start: the key has 0 bytes.\\n'); process.exitCode = 1;`;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

let dataDir: string;
let folder: DataFolder;
let parts: Parts;
let output: string;
let port: number;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-start-'));
  folder = await takeDataFolder(dataDir);
  parts = new Parts();
  output = '';
  port = await findFreePort();
});
afterEach(async () => {
  await parts.stop();
  await folder.release();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(settings: NodeJS.ProcessEnv = {}, server = serverProgram): Promise<void> {
  await writeFile(join(dataDir, 'server.js'), server);
  await writeFile(join(dataDir, 'worker.js'), workerProgram);
  const environment = {
    DATA_DIR: dataDir,
    PORT: String(port),
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: testTemporal().address,
    ...settings,
  };
  const terminal = createTerminal((text) => {
    output += text;
  });
  const config = readConfig(environment);
  await startProduct({ config, environment, folder, terminal, parts, programs: dataDir });
}

async function health(): Promise<{ pid: number; database: string; folder: string } | undefined> {
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null);
  return response === null
    ? undefined
    : ((await response.json()) as { pid: number; database: string; folder: string });
}

async function listenOn(taken: number): Promise<Server> {
  const server = createServer().listen(taken, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('npm start', () => {
  it('uses the PostgreSQL and the Temporal that are given, and hands them to its programs', async () => {
    await start();
    expect(await health()).toMatchObject({ database: database.url, folder: dataDir });
    expect(output).toMatch(/PostgreSQL +ready in .* given, 127\.0\.0\.1:\d+\n/);
    expect(output).toMatch(/Temporal +ready in .* given, 127\.0\.0\.1:\d+/);
    expect(output).not.toContain(new URL(database.url).password);
  });

  it('starts a program again on the same port when it dies, and stops everything at the end', async () => {
    await start();
    const first = await health();
    process.kill(first?.pid ?? 0, 'SIGKILL');
    const second = await until('another server', async () => {
      const now = await health();
      return now?.pid === first?.pid ? undefined : now;
    });
    expect(output).toContain('server ended (SIGKILL) and is started again.');
    await parts.stop();
    expect(() => process.kill(second.pid, 0)).toThrow('ESRCH');
    expect(await whyNotListen('127.0.0.1', port)).toBeNull();
  });

  it('says what a program said that does not start', async () => {
    await expect(start({}, brokenProgram)).rejects.toThrow(
      'The server does not start: The server cannot start: the key has 0 bytes. See the folder logs of DATA_DIR for more.',
    );
  });
});

describe('npm start names what is wrong:', () => {
  it('a port that is taken', async () => {
    const other = await listenOn(port);
    await expect(start()).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is taken by another program. Set PORT to a free one, e.g. PORT=${port + 1} npm start.`,
    );
    other.close();
  });

  it('two ports that are the same', async () => {
    const settings = { TEMPORAL_ADDRESS: '', TEMPORAL_UI_PORT: String(port) };
    await expect(start(settings)).rejects.toThrow(`PORT and TEMPORAL_UI_PORT are both ${port}.`);
  });

  it('an address that this machine does not have', async () => {
    await expect(start({ HOST: '192.0.2.1' })).rejects.toThrow(
      /cannot listen on 192\.0\.2\.1 \(EADDRNOTAVAIL\)\. Set HOST/,
    );
  });

  it('a database that cannot be reached, without its password', async () => {
    const url = `postgres://someone:do-not-tell@localhost:${await findFreePort()}/x`;
    const failure = await start({ DATABASE_URL: url }).catch((error: unknown) => error);
    expect(errorMessageOf(failure)).toMatch(
      /^The database at localhost:\d+ cannot be used: connect ECONNREFUSED .* Check DATABASE_URL\.$/,
    );
    expect(String(failure)).not.toContain('do-not-tell');
  });

  it('a namespace that Temporal does not have', async () => {
    await expect(start({ TEMPORAL_NAMESPACE: 'nowhere' })).rejects.toThrow(
      /^Temporal has no namespace "nowhere"\. Create it .*, or set TEMPORAL_NAMESPACE/,
    );
  });
});
