import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import type { Config } from '../config';
import { UserError } from '../domain/errors';
import { openDatabase } from '../store/database';
import { startEmbeddedPostgres } from '../store/embedded/embedded-postgres';
import { migrate } from '../store/migrate';
import { connectionOptions } from '../temporal/connect';
import { startDevServer } from '../temporal/server/dev-server';
import { defaultCacheDir, findTemporal } from '../temporal/server/find-temporal';
import { prepareNamespace } from '../temporal/server/prepare-namespace';
import type { DataFolder } from './data-folder';
import { endWithParent } from './end-with-parent';
import { isPortFree, keepPort } from './free-port';
import { startNodePart } from './node-part';
import { type Parts, SupervisedPart } from './supervised-part';
import type { Terminal } from './terminal';

const readyWithinMs = 60_000;
/** A product that was killed a moment ago may still be letting go of its ports. */
const portPatienceMs = 3_000;

export interface StartOptions {
  readonly config: Config;
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: DataFolder;
  readonly terminal: Terminal;
  /** Knows every part that was started, so that it can be stopped whatever happens next. */
  readonly parts: Parts;
}

/** Starts everything that the environment does not give, and waits until the product is ready. */
export async function startProduct(options: StartOptions): Promise<{ databaseUrl: string }> {
  const { config, terminal } = options;
  await refuseTakenPorts(config);
  const [databaseUrl, temporalAddress] = await allOrFirstError([
    startDatabase(options),
    startTemporal(options),
  ]);
  const environment = {
    ...options.environment,
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
  };
  await terminal.step(
    'Orchestrator',
    async () => {
      await beginNodePart(options, 'worker', environment);
      const server = await beginNodePart(options, 'server', environment);
      await waitUntilReady(config, server);
    },
    () => config.publicUrl,
  );
  return { databaseUrl };
}

async function startDatabase(options: StartOptions): Promise<string> {
  const { config, folder, terminal, parts } = options;
  return terminal.step(
    'PostgreSQL',
    async () => {
      const url = config.databaseUrl ?? (await beginEmbedded());
      await migrateDatabase(url);
      return url;
    },
    (url) =>
      config.databaseUrl === null ? `embedded, port ${new URL(url).port}` : `given, ${new URL(url).host}`,
  );

  async function beginEmbedded(): Promise<string> {
    const port = await keepPort(join(config.dataDir, 'postgres.port'));
    const logFd = await folder.openLog('postgres');
    let url = '';
    const part = new SupervisedPart(
      'PostgreSQL',
      async () => {
        const running = await startEmbeddedPostgres({
          dataDir: config.dataDir,
          port,
          logFd,
          wrapper: endWithParent('INT'),
        });
        url = running.url;
        return running;
      },
      terminal.say,
    );
    await parts.begin(part);
    return url;
  }
}

async function migrateDatabase(url: string): Promise<void> {
  const db = openDatabase(url, 1);
  try {
    await migrate(db);
  } catch (cause) {
    const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    throw new UserError(`The database at ${new URL(url).host} cannot be used: ${why}. Check DATABASE_URL.`, {
      code: 'DATABASE_NOT_USABLE',
      cause,
    });
  } finally {
    await db.destroy();
  }
}

async function startTemporal(options: StartOptions): Promise<string> {
  const { config, folder, terminal, parts } = options;
  const { temporal } = config;
  return terminal.step(
    'Temporal',
    async () => {
      const address = temporal.address ?? (await beginDevServer());
      await prepare(config, terminal);
      return address;
    },
    (address) =>
      temporal.address === null ? `own server, ${address}, Web UI ${temporal.uiUrl}` : `given, ${address}`,
  );

  async function beginDevServer(): Promise<string> {
    const program = await findTemporal(defaultCacheDir(), (sentence) => {
      terminal.say(`Temporal: ${sentence}`);
    });
    const logFd = await folder.openLog('temporal');
    const part = new SupervisedPart(
      'Temporal',
      () =>
        startDevServer({
          program,
          namespace: temporal.namespace,
          port: temporal.port,
          uiPort: temporal.uiPort,
          // The server does not migrate an old file: each version has its own.
          databaseFile: join(config.dataDir, `temporal-${program.version}.db`),
          logFd,
          wrapper: endWithParent('TERM'),
        }),
      terminal.say,
    );
    await parts.begin(part);
    return `127.0.0.1:${temporal.port}`;
  }
}

async function prepare({ temporal }: Config, terminal: Terminal): Promise<void> {
  const options = connectionOptions(temporal);
  const connection = await Connection.connect(options).catch((cause: unknown) => {
    throw new UserError(`Temporal at ${options.address ?? ''} does not answer. Check TEMPORAL_ADDRESS.`, {
      code: 'TEMPORAL_UNREACHABLE',
      cause,
    });
  });
  try {
    await prepareNamespace(connection, temporal.namespace, terminal.say);
  } finally {
    await connection.close();
  }
}

async function beginNodePart(
  { config, folder, terminal, parts }: StartOptions,
  name: 'worker' | 'server',
  environment: NodeJS.ProcessEnv,
): Promise<SupervisedPart> {
  const logFd = await folder.openLog(name);
  const entry = join(__dirname, '..', `${name}.js`);
  const childEnvironment = { ...environment, DATA_DIR: config.dataDir };
  const part = new SupervisedPart(
    name,
    () => Promise.resolve(startNodePart(entry, childEnvironment, logFd)),
    terminal.say,
  );
  await parts.begin(part);
  return part;
}

async function waitUntilReady(config: Config, server: SupervisedPart): Promise<void> {
  const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${config.port}/health/ready`;
  const giveUpAt = Date.now() + readyWithinMs;
  let last = 'no answer';
  while (Date.now() < giveUpAt) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok === true) return;
    last = answer === null ? last : await answer.text();
    await delay(50);
  }
  throw new UserError(
    `The ${server.name} is not ready after ${readyWithinMs / 1_000} s (${last}). See the folder logs of ${config.dataDir}.`,
    {
      code: 'NOT_READY',
    },
  );
}

async function refuseTakenPorts({ host, port, temporal }: Config): Promise<void> {
  const wanted = [{ host, port, variable: 'PORT' }];
  if (temporal.address === null) {
    wanted.push({ host: '127.0.0.1', port: temporal.port, variable: 'TEMPORAL_PORT' });
    wanted.push({ host: '127.0.0.1', port: temporal.uiPort, variable: 'TEMPORAL_UI_PORT' });
  }
  const giveUpAt = Date.now() + portPatienceMs;
  for (const { host: address, port: number, variable } of wanted) {
    while (!(await isPortFree(address, number))) {
      if (Date.now() > giveUpAt) {
        throw new UserError(
          `Port ${number} on ${address} is taken by another program, or may not be used. Set ${variable} to a free one, e.g. ${variable}=${number + 1} npm start.`,
          { code: 'PORT_TAKEN' },
        );
      }
      await delay(100);
    }
  }
}

/** Waits for all, so that everything that was started is known when one of them has failed. */
async function allOrFirstError<A, B>(works: readonly [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}
