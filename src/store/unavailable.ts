import { errorCodeOf, errorMessageOf } from '../domain/errors';
/** PostgreSQL's classes and codes that say "not now": connection failures, shutting down, starting, too many clients. */
const unavailableStates = [/^08/, /^57P0[1-3]$/, /^53300$/, /^25006$/];
const brokenSocket = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);
const brokenConnection =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/;

/** Whether a query failed because PostgreSQL is away, and not because of the query. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  const code = errorCodeOf(error);
  return (
    brokenSocket.has(code) ||
    unavailableStates.some((state) => state.test(code)) ||
    brokenConnection.test(errorMessageOf(error))
  );
}
