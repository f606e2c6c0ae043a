import { type ChildProcess, spawn } from 'node:child_process';
import { stopProcess } from '../../stop-process';
import type { TemporalProgram } from './find-temporal';
import { waitUntilReady } from './wait-until-ready';

const stopWithinMs = 10_000;

export interface DevServerOptions {
  readonly program: TemporalProgram;
  readonly namespace: string;
  readonly port: number;
  /** `null` for no Web UI. */
  readonly uiPort: number | null;
  /** Absolute path of the database file; `null` keeps everything in memory. */
  readonly databaseFile: string | null;
  /** A program, with its arguments, that starts the server: see start/end-with-parent.ts. */
  readonly wrapper?: readonly string[];
  /** Where the server's messages go. Ignored when left out. */
  readonly logFd?: number;
  /** Gives up a start that is under way: the server is stopped and the start rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface DevServer {
  readonly address: string;
  readonly process: ChildProcess;
  /** Stops the server, at the latest after ten seconds by force. Idempotent. */
  stop(): Promise<void>;
}

/**
 * A history shard reads its queues at most 20 times a second by default, and the development server has one
 * shard: 50 ms for each phase of a run. See temporal-config/dynamic-config.yaml.
 */
const raisedLimits = ['history.transferProcessorMaxPollRPS=2000', 'history.timerProcessorMaxPollRPS=2000'];

/** Starts Temporal's development server and waits until it answers. @throws UserError when it does not. */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  const { logFd } = options;
  const output = logFd ?? 'ignore';
  const path = options.program.path;
  const [program = path, ...args] = [...(options.wrapper ?? []), path, ...serverArguments(options)];
  // In a process group of its own: Ctrl-C is for the product, which stops its parts in order.
  const child = spawn(program, args, { stdio: ['ignore', output, output], detached: true });
  const address = `127.0.0.1:${options.port}`;
  const stop = () => stopProcess(child, { signal: 'SIGTERM', withinMs: stopWithinMs });
  try {
    await waitUntilReady(child, options);
  } catch (error) {
    await stop();
    throw error;
  }
  return { address, process: child, stop };
}

function serverArguments(options: DevServerOptions): string[] {
  const { databaseFile, uiPort } = options;
  const file =
    databaseFile === null
      ? []
      : [
          '--db-filename',
          databaseFile,
          '--sqlite-pragma',
          'journal_mode=wal',
          '--sqlite-pragma',
          'synchronous=normal',
        ];
  return [
    'server',
    'start-dev',
    '--ip',
    '127.0.0.1',
    '--port',
    String(options.port),
    ...(uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort)]),
    '--namespace',
    options.namespace,
    '--log-level',
    'warn',
    ...file,
    ...raisedLimits.flatMap((limit) => ['--dynamic-config-value', limit]),
  ];
}
