import { join } from 'node:path';
import type { Express } from 'express';
import { createActivities } from './activities/create-activities';
import { createApp } from './api/app';
import { createAdminAuthenticator } from './api/auth';
import { createIdempotencyKeeper } from './api/idempotency';
import { createMetrics } from './api/metrics';
import { components, findComponent } from './components/registry';
import { ConfigError, type Config } from './config';
import type { Logger } from './logger';
import { openAdminToken } from './secrets/admin-token';
import { openKeyFile, parseKeyRing, type KeyRing } from './secrets/key-ring';
import { createMasker } from './secrets/masker';
import { createSecretBox, listSecrets } from './secrets/secret-box';
import { createTokenSigner } from './secrets/token-signer';
import { createHealthService } from './services/health';
import { createHousekeeping, type Housekeeping } from './services/housekeeping';
import { createLimitServices } from './services/limits';
import { createNestedRuns } from './services/runs/start/nested-runs';
import { createRunServices } from './services/runs/create-run-services';
import { createTableStorage } from './storage/create-table-storage';
import { openChangeListener } from './store/change-listener';
import { openDatabase, openPreparedDatabase, probeDatabase } from './store/database';
import { createGranter, type Wake } from './store/leases/granter';
import { openClient } from './temporal/connect';
import { probeTemporal, probeWorkers } from './temporal/probes';
import { createRunEngine, type RunEngine } from './temporal/runs';
import { createWorker, type ProductWorker } from './temporal/worker';
import { workflowBundlePath } from './workflows/bundle/path';

/** The composition root: the only place that chooses implementations. */

export interface ComposedServer {
  readonly app: Express;
  readonly housekeeping: Housekeeping;
  close(): Promise<void>;
}

export interface ComposedWorker {
  readonly worker: ProductWorker;
  close(): Promise<void>;
}

/** Puts the API server together. Nothing has to be reachable yet: it starts while PostgreSQL or Temporal are away. */
export async function composeServer(config: Config, logger: Logger): Promise<ComposedServer> {
  const databaseUrl = requireDatabaseUrl(config);
  const db = openDatabase(databaseUrl, 20);
  const client = openClient(config.temporal);
  const changes = openChangeListener(databaseUrl, (error) => {
    logger.warn({ err: error }, 'Notifications of PostgreSQL are interrupted.');
  });
  const { uiUrl, namespace, taskQueue } = config.temporal;
  const engine = createRunEngine(client, taskQueue);
  const granter = createGranter(db, wakeBy(engine), logger);
  const links = { uiUrl, namespace };
  const keys = await openKeys(config);
  const runs = createRunServices({
    db,
    engine,
    granter,
    changes,
    findComponent,
    links,
    actionSigner: createTokenSigner(keys, 'action links'),
    publicUrl: config.publicUrl,
  });
  const tables = createTableStorage(db, config.dataDir);
  const app = createApp({
    services: {
      definitions: {
        db,
        components,
        findComponent,
        secrets: createSecretBox(keys),
        settings: settingsOf(config),
      },
      runs,
      tables,
      limits: createLimitServices({ db, granter }),
      health: createHealthService({
        postgres: () => probeDatabase(db),
        temporal: () => probeTemporal(client),
        worker: () => probeWorkers(client, taskQueue),
      }),
    },
    authenticator: createAdminAuthenticator(config.adminToken ?? (await openAdminToken(config.dataDir))),
    idempotency: createIdempotencyKeeper(db),
    metrics: createMetrics(db),
    logger,
  });
  const housekeeping = createHousekeeping({ db, engine, granter, tables, logger });
  return {
    app,
    housekeeping,
    async close() {
      await housekeeping.stop();
      await changes.close();
      await client.connection.close();
      await db.destroy();
    },
  };
}

/** Puts a worker together. @throws when Temporal does not answer. */
export async function composeWorker(config: Config, logger: Logger): Promise<ComposedWorker> {
  const db = openDatabase(requireDatabaseUrl(config), 20);
  const preparedDb = openPreparedDatabase(requireDatabaseUrl(config));
  const client = openClient(config.temporal);
  const engine = createRunEngine(client, config.temporal.taskQueue);
  const secrets = createSecretBox(await openKeys(config));
  const activities = createActivities({
    db,
    preparedDb,
    logger,
    settings: settingsOf(config),
    scratchDir: join(config.dataDir, 'scratch'),
    findComponent,
    secrets: { reveal: secrets.reveal, maskerOf: (revealed) => createMasker(listSecrets(revealed)) },
    tables: createTableStorage(db, config.dataDir),
    granter: createGranter(db, wakeBy(engine), logger),
    nestedRuns: createNestedRuns({ db, engine, findComponent }),
  });
  const worker = await createWorker({
    config: config.temporal,
    workflowBundlePath,
    activities,
    slots: config.workerSlots,
  });
  return {
    worker,
    async close() {
      await client.connection.close();
      await Promise.all([db.destroy(), preparedDb.destroy()]);
    },
  };
}

function wakeBy(engine: RunEngine): Wake {
  return ({ workflowId, taskId }) => engine.grantTask(workflowId, taskId);
}

async function openKeys({ dataDir, secretsKeys }: Config): Promise<KeyRing> {
  return secretsKeys === null ? openKeyFile(join(dataDir, 'secrets.key')) : parseKeyRing(secretsKeys);
}

function settingsOf({ exportDir, httpJobAllowedHosts }: Config) {
  return { exportDir, httpJobAllowedHosts };
}

function requireDatabaseUrl({ databaseUrl }: Config): string {
  if (databaseUrl !== null) return databaseUrl;
  throw new ConfigError(
    'DATABASE_URL is needed to start a server or a worker alone. "npm start" brings a database of its own.',
  );
}
