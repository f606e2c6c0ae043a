import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import type { Config } from '../config';
import { UserError } from '../domain/errors';
import { connectionOptions } from '../temporal/connect';
import { startDevServer } from '../temporal/server/dev-server';
import { cacheDirOf, findTemporal } from '../temporal/server/find-temporal';
import { prepareNamespace } from '../temporal/server/prepare-namespace';
import { endWithParent } from './processes/end-with-parent';
import type { StartOptions } from './start-options';
import { SupervisedPart } from './processes/supervised-part';
import type { Terminal } from './terminal';

/** Starts a Temporal server of our own unless one is given, prepares the namespace, and answers its address. */
export async function startTemporal(options: StartOptions): Promise<string> {
  const { config, terminal } = options;
  const { address, port, uiUrl } = config.temporal;
  await terminal.step(
    'Temporal',
    async () => {
      const source = address === null ? await beginDevServer(options) : `given, ${address}`;
      await prepare(config, terminal);
      return source;
    },
    (source) => `${source}, Web UI ${uiUrl}`,
  );
  return address ?? `127.0.0.1:${port}`;
}

/** Answers, for people, which server was started. */
async function beginDevServer(options: StartOptions): Promise<string> {
  const { config, environment, folder, terminal, parts } = options;
  const { namespace, port, uiPort } = config.temporal;
  const program = await findTemporal({
    cacheDir: cacheDirOf(environment),
    onTry: (sentence) => {
      terminal.say(`Temporal: ${sentence}`);
    },
    signal: parts.signal,
  });
  const logFd = await folder.openLog('temporal');
  const wrapper = endWithParent('TERM');
  // The server does not migrate an old file: each version has its own.
  const databaseFile = join(config.dataDir, `temporal-${program.version}.db`);
  const server = { program, namespace, port, uiPort, databaseFile, logFd, wrapper };
  const start = async (signal: AbortSignal) => {
    const running = await startDevServer({ ...server, signal });
    await folder.note('temporal', running.process.pid);
    return running;
  };
  await parts.begin(new SupervisedPart('Temporal', start, terminal.say));
  return `${program.version} from ${program.source}, port ${port}`;
}

async function prepare({ temporal }: Config, terminal: Terminal): Promise<void> {
  const options = connectionOptions(temporal);
  const connection = await Connection.connect(options).catch((cause: unknown) => {
    throw new UserError(
      `Temporal at ${options.address ?? ''} does not answer. Check TEMPORAL_ADDRESS, or leave it out: Orchestrator then starts a server of its own.`,
      { code: 'TEMPORAL_UNREACHABLE', cause },
    );
  });
  try {
    await prepareNamespace(connection, temporal.namespace, terminal.say);
  } finally {
    await connection.close();
  }
}
