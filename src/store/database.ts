import { Kysely, PostgresDialect, sql } from 'kysely';
import { Pool } from 'pg';
import type { Database } from './schema';

/** The product's PostgreSQL. */
export type Db = Kysely<Database>;

/**
 * Opens a pool of connections. Nothing is connected before the first query.
 *
 * @param maxConnections upper limit of the pool; a query waits for a free one, at most 10 seconds.
 */
export function openDatabase(databaseUrl: string, maxConnections = 10): Db {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: maxConnections,
    connectionTimeoutMillis: 10_000,
    application_name: 'orchestrator',
  });
  // An idle connection that breaks (the server was restarted) is replaced at the next query.
  pool.on('error', () => undefined);
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}

/** Whether PostgreSQL answers. Rejects when it does not. */
export async function probeDatabase(db: Db): Promise<string> {
  const { rows } = await sql<{ version: string }>`show server_version`.execute(db);
  return `PostgreSQL ${Object.values(rows[0] ?? {})[0] ?? ''}`;
}
