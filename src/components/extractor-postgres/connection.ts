import { Client, type ClientConfig } from 'pg';
import { TransientError, UserError, errorCodeOf, errorMessageOf } from '../../domain/errors';
import type { PostgresConnection } from './configuration';

const connectWithinMs = 20_000;

/** Connects, does the work, and disconnects. What PostgreSQL says is put into words for people. */
export async function withConnection<T>(
  connection: PostgresConnection,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client(toClientConfig(connection));
  // A connection that breaks while nothing runs on it has no other place to say so.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw explain(error, connection);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Stops the query that a connection runs, from a second connection, as PostgreSQL wants it.
 *
 * @param pid PostgreSQL's number of the first connection's process.
 */
export async function cancelQuery(connection: PostgresConnection, pid: number): Promise<void> {
  await withConnection(connection, (client) => client.query('select pg_cancel_backend($1)', [pid]));
}

function toClientConfig(connection: PostgresConnection): ClientConfig {
  const { host, port, database, user, tls } = connection;
  return {
    host,
    port,
    database,
    user,
    password: connection['#password'],
    connectionTimeoutMillis: connectWithinMs,
    application_name: 'orchestrator',
    ssl:
      tls.mode === 'disable'
        ? false
        : { rejectUnauthorized: tls.mode === 'verify', ...(tls.ca ? { ca: tls.ca } : {}) },
  };
}

/** Classes and codes of PostgreSQL that pass by themselves: connection, resources, shutting down, conflicts. */
const passing = /^(08|53|57P0|40|55P03|58)/;
const brokenSocket = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const refusedLogin = new Set(['28P01', '28000']);
const unknownDatabase = '3D000';
const cancelled = '57014';

/** Says what an error of the driver or the server means: whose it is to mend, and where. Other errors are left as they are. */
function explain(error: unknown, connection: PostgresConnection): unknown {
  const message = errorMessageOf(error);
  const code = errorCodeOf(error);
  const where = `PostgreSQL at ${connection.host}:${connection.port}`;
  if (refusedLogin.has(code)) {
    return new UserError(
      `${where} refuses user "${connection.user}" for database "${connection.database}": ${message}. Check user and password.`,
      { code: 'LOGIN_REFUSED', cause: error },
    );
  }
  if (code === unknownDatabase) {
    return new UserError(`${where} has no database "${connection.database}".`, {
      code: 'UNKNOWN_DATABASE',
      cause: error,
    });
  }
  if (code === 'ENOTFOUND') {
    return new UserError(`There is no host "${connection.host}".`, { code: 'UNKNOWN_HOST', cause: error });
  }
  if (
    brokenSocket.has(code) ||
    /timeout|Connection terminated/i.test(message) ||
    (passing.test(code) && code !== cancelled)
  ) {
    return new TransientError(`${where} cannot be reached, or broke off: ${message || code}.`, {
      code: 'DATABASE_UNREACHABLE',
      cause: error,
    });
  }
  // Five characters are one of PostgreSQL's own codes: the statement or the data is at fault.
  if (/^[0-9A-Z]{5}$/.test(code)) {
    return new UserError(`${where}, database "${connection.database}": ${message}`, {
      code: 'DATABASE_ERROR',
      cause: error,
    });
  }
  if (/SSL|certificate|self.signed/i.test(message)) {
    return new UserError(`${where}: TLS failed: ${message}. Check "tls".`, {
      code: 'TLS_FAILED',
      cause: error,
    });
  }
  return error;
}
