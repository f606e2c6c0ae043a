import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { Connection } from '@temporalio/client';
import { findFreePort } from '../../src/start/free-port';
import { openDatabase } from '../../src/store/database';
import { startEmbeddedPostgres } from '../../src/store/embedded/embedded-postgres';
import { migrate } from '../../src/store/migrate';
import { startDevServer } from '../../src/temporal/server/dev-server';
import { cacheDirOf, findTemporal } from '../../src/temporal/server/find-temporal';
import { prepareNamespace } from '../../src/temporal/server/prepare-namespace';
import { serviceVariables, shared } from './services';

/** Starts one PostgreSQL with a migrated template database and one Temporal server, and builds the workflows once. */
export default async function setUp(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-test-'));
  const [postgres, temporal, bundle] = await Promise.all([
    startPostgres(folder),
    startTemporal(),
    bundleWorkflows(folder),
  ]);
  shared.orchestratorServices = { folder, postgres, temporal };
  process.env[serviceVariables.postgresUrl] = postgres.url;
  process.env[serviceVariables.temporalAddress] = temporal.address;
  process.env[serviceVariables.workflowBundle] = bundle;
}

async function startPostgres(folder: string) {
  const postgres = await startEmbeddedPostgres({
    dataDir: folder,
    port: await findFreePort(),
    durable: false,
  });
  const db = openDatabase(postgres.url, 1);
  await migrate(db);
  await db.destroy();
  return postgres;
}

async function startTemporal() {
  const program = await findTemporal({
    cacheDir: cacheDirOf(process.env),
    onTry: (sentence) => {
      process.stderr.write(`Temporal: ${sentence}\n`);
    },
  });
  const server = await startDevServer({
    program,
    namespace: 'default',
    port: await findFreePort(),
    uiPort: null,
    databaseFile: null,
  });
  const connection = await Connection.connect({ address: server.address });
  await prepareNamespace(connection, 'default', (sentence) => {
    throw new Error(sentence);
  });
  await connection.close();
  return server;
}

async function bundleWorkflows(folder: string): Promise<string> {
  const workflowsPath = join(__dirname, '../../src/workflows/index.ts');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  const path = join(folder, 'workflow-bundle.js');
  await writeFile(path, code);
  return path;
}
