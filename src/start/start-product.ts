import { join } from 'node:path';
import type { Config } from '../config';
import { checkPorts } from './check-ports';
import { startNodePart } from './processes/node-part';
import { startDatabase } from './start-database';
import type { StartOptions } from './start-options';
import { startTemporal } from './start-temporal';
import { SupervisedPart } from './processes/supervised-part';
import { waitUntilReady } from './wait-until-ready';

/**
 * Starts everything that the environment does not give, and waits until the product is ready.
 *
 * @throws UserError in a sentence that says what to do; what was started then still runs, until `parts` are stopped.
 */
export async function startProduct(options: StartOptions): Promise<{ databaseUrl: string }> {
  const { config, environment, folder, terminal, parts } = options;
  await checkPorts(config);
  const [databaseUrl, temporalAddress] = await Promise.all([startDatabase(options), startTemporal(options)]);
  const childEnvironment = {
    ...environment,
    DATA_DIR: config.dataDir,
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
  };
  await terminal.step(
    'Orchestrator',
    async () => {
      const worker = await beginNodePart(options, 'worker', childEnvironment);
      const server = await beginNodePart(options, 'server', childEnvironment);
      const url = `${toUrl(config)}/health/ready`;
      await waitUntilReady({ url, parts: [server, worker], folder, signal: parts.signal });
    },
    () => config.publicUrl,
  );
  return { databaseUrl };
}

async function beginNodePart(
  { folder, terminal, parts, programs }: StartOptions,
  name: 'worker' | 'server',
  environment: NodeJS.ProcessEnv,
): Promise<SupervisedPart> {
  const logFd = await folder.openLog(name);
  const start = async () => {
    const running = await startNodePart(join(programs, `${name}.js`), environment, logFd);
    await folder.note(name, running.process.pid);
    return running;
  };
  const part = new SupervisedPart(name, start, terminal.say);
  await parts.begin(part);
  return part;
}

/** Where this machine reaches the server; one that listens everywhere is reached there as well. */
function toUrl({ host, port }: Config): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
