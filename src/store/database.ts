import { Kysely, PostgresDialect, sql, type PostgresPool } from 'kysely';
import { Pool, type PoolConfig } from 'pg';
import type { Database } from './schema';

/** The product's PostgreSQL. */
export type Db = Kysely<Database>;

/**
 * Opens a pool of connections. Nothing is connected before the first query.
 *
 * @param maxConnections upper limit of the pool; a query waits for a free one, at most 10 seconds.
 */
export function openDatabase(databaseUrl: string, maxConnections = 10): Db {
  const pool = openPool(databaseUrl, maxConnections);
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}

/**
 * Opens a pool for the few statements that are executed for every task: each is prepared once per connection, so that
 * it is parsed and planned once, and not again for each handful of tasks. All of them find rows by their keys; the
 * plans are made for that, because they are kept while the tables grow. For statements of constant text only.
 */
export function openPreparedDatabase(databaseUrl: string, maxConnections = 4): Db {
  const pool = openPool(databaseUrl, maxConnections, {
    options:
      '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off',
  });
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool: preparing(pool) }) });
}

function openPool(databaseUrl: string, max: number, settings: PoolConfig = {}): Pool {
  const pool = new Pool({
    connectionString: databaseUrl,
    max,
    connectionTimeoutMillis: 10_000,
    application_name: 'orchestrator',
    ...settings,
  });
  // An idle connection that breaks (the server was restarted) is replaced at the next query.
  pool.on('error', () => undefined);
  return pool;
}

/** A pool whose connections give every statement a name: PostgreSQL keeps what has one. */
function preparing(pool: Pool): PostgresPool {
  const names = new Map<string, string>();
  const nameOf = (text: string) => {
    const known = names.get(text) ?? `statement_${names.size + 1}`;
    names.set(text, known);
    return known;
  };
  return {
    async connect() {
      const client = await pool.connect();
      return new Proxy(client, {
        get(target, property) {
          if (property !== 'query') return Reflect.get(target, property, target) as unknown;
          return (text: string, values: unknown[]) => target.query({ name: nameOf(text), text, values });
        },
      });
    },
    end: () => pool.end(),
  };
}

/** Whether PostgreSQL answers. Rejects when it does not. */
export async function probeDatabase(db: Db): Promise<string> {
  const { rows } = await sql<{ version: string }>`show server_version`.execute(db);
  return `PostgreSQL ${Object.values(rows[0] ?? {})[0] ?? ''}`;
}
