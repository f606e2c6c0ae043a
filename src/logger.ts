import { pino, type Logger as PinoLogger } from 'pino';
import type { LogLevel } from './config';

/** Structured logs, one JSON object a line; children carry `runId`, `taskId`, `requestId`. */
export type Logger = PinoLogger;

/** Keys whose values never reach a log line, wherever they stand one or two levels deep. */
const secretKeys = ['authorization', 'password', 'token', 'cookie', 'secret'];
const redacted = secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);

/** Makes the root logger of a process. `name` is the process: `server`, `worker`, `start`. */
export function createLogger(name: string, level: LogLevel): Logger {
  return pino(
    { name, level, redact: { paths: redacted, censor: '********' } },
    pino.destination({ dest: 2, sync: false }),
  );
}
