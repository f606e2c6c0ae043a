import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { createActivities } from '../../src/activities/create-activities';
import type { Component } from '../../src/components/component';
import type { TaskTables } from '../../src/components/context';
import { findComponent as findRegistered } from '../../src/components/registry';
import type { Run } from '../../src/domain/model/run';
import { isFinishedRun } from '../../src/domain/rules/statuses';
import { createLogger } from '../../src/logger';
import { createMasker } from '../../src/secrets/masker';
import { createSecretBox, listSecrets } from '../../src/secrets/secret-box';
import { parseKeyRing } from '../../src/secrets/key-ring';
import { createNestedRuns } from '../../src/services/runs/start/nested-runs';
import { createTokenSigner } from '../../src/secrets/token-signer';
import { createRunServices } from '../../src/services/runs/create-run-services';
import type { RunServices } from '../../src/services/runs/run-services';
import { createGranter, type Granter } from '../../src/store/leases/granter';
import { openPreparedDatabase } from '../../src/store/database';
import { openChangeListener } from '../../src/store/change-listener';
import { createRunEngine, type RunEngine } from '../../src/temporal/runs';
import { createWorker, type ProductWorker } from '../../src/temporal/worker';
import { createTestDatabase, type TestDatabase } from './database';
import { testTemporal, uniqueTaskQueue } from './temporal';
import { until } from './until';

Runtime.install({ logger: new DefaultLogger('ERROR') });

/** The run engine on real parts: a database and a task queue of its own, a worker, the services of runs. */
export interface TestEngine {
  readonly database: TestDatabase;
  readonly runs: RunServices;
  readonly engine: RunEngine;
  readonly granter: Granter;
  readonly client: Client;
  /** For a worker as a process of its own. */
  readonly workerEnvironment: NodeJS.ProcessEnv;
  /** Waits until a run has ended. */
  ended(runId: string, withinMs?: number): Promise<Run>;
  /** Stops the worker gracefully, and starts another one. */
  stopWorker(): Promise<void>;
  startWorker(): Promise<void>;
  close(): Promise<void>;
}

export interface TestEngineOptions {
  /** Components of the test, besides the product's own. */
  readonly components?: readonly Component[];
  /** Activities that the worker runs at the same time; 200 when left out, 0 for no worker. */
  readonly slots?: number;
}

export async function startTestEngine({
  components = [],
  slots = 200,
}: TestEngineOptions = {}): Promise<TestEngine> {
  const database = await createTestDatabase();
  const { address, namespace, workflowBundlePath } = testTemporal();
  const taskQueue = uniqueTaskQueue();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const scratchDir = await mkdtemp(join(tmpdir(), 'orchestrator-scratch-'));
  const changes = openChangeListener(database.url, () => undefined);
  const engine = createRunEngine(client, taskQueue);
  const findComponent = (id: string) =>
    components.find(({ summary }) => summary.id === id) ?? findRegistered(id);
  const keys = parseKeyRing(`test:${Buffer.alloc(32, 7).toString('base64')}`);
  const secrets = createSecretBox(keys);
  const links = { uiUrl: 'http://127.0.0.1:8233', namespace };
  const logger = createLogger('test', 'silent');
  const granter = createGranter(
    database.db,
    ({ workflowId, taskId }) => engine.grantTask(workflowId, taskId),
    logger,
  );
  const runs = createRunServices({
    ...{ db: database.db, engine, granter, changes, findComponent, links },
    actionSigner: createTokenSigner(keys, 'action links'),
    publicUrl: 'http://127.0.0.1:8080',
  });
  const preparedDb = openPreparedDatabase(database.url);
  const activities = createActivities({
    db: database.db,
    preparedDb,
    logger,
    granter,
    settings: { exportDir: scratchDir, httpJobAllowedHosts: ['127.0.0.1'] },
    scratchDir,
    findComponent,
    secrets: { reveal: secrets.reveal, maskerOf: (revealed) => createMasker(listSecrets(revealed)) },
    tables: noTables,
    nestedRuns: createNestedRuns({ db: database.db, engine, findComponent }),
  });
  let working: { worker: ProductWorker; ended: Promise<void> } | undefined;
  const startWorker = async () => {
    const config = { address, namespace, taskQueue, port: 0, uiPort: 0, uiUrl: '' };
    const worker = await createWorker({ config, workflowBundlePath, activities, slots });
    working = { worker, ended: worker.run() };
  };
  const stopWorker = async () => {
    working?.worker.stop();
    await working?.ended;
    working = undefined;
  };
  if (slots > 0) await startWorker();
  return {
    database,
    runs,
    engine,
    granter,
    client,
    workerEnvironment: {
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: address,
      TEMPORAL_TASK_QUEUE: taskQueue,
      DATA_DIR: scratchDir,
    },
    ended: (runId, withinMs) =>
      until(`the end of ${runId}`, async () => endedOnly(await runs.getRun(runId)), withinMs),
    stopWorker,
    startWorker,
    async close() {
      await stopWorker();
      await changes.close();
      await connection.close();
      await preparedDb.destroy();
      await database.drop();
      await rm(scratchDir, { recursive: true, force: true });
    },
  };
}

function endedOnly(run: Run): Run | undefined {
  return isFinishedRun(run.status) ? run : undefined;
}

/** For engines whose components touch no tables. */
const noTables = {
  forTask: () => ({}) as TaskTables,
  findPublication: () => Promise.resolve(null),
  publish: () => Promise.reject(new Error('This test engine has no table storage.')),
};
