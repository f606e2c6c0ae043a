import type { Client } from 'pg';
import { defineComponent } from '../component';
import type { StagedTable, TaskContext } from '../context';
import { type Extraction, postgresConfiguration, type PostgresConnection } from './configuration';
import { cancelQuery, withConnection } from './connection';
import { extractTable } from './extract-table';

/** Tables and queries of a PostgreSQL, all of one instant, by COPY. */
export const extractorPostgres = defineComponent({
  id: 'extractor-postgres',
  name: 'PostgreSQL',
  type: 'extractor',
  description:
    'Loads tables, or the rows of a query, from a PostgreSQL database into storage. All tables of a configuration are read in one transaction: they show the same instant.',
  configuration: postgresConfiguration,
  examples: [
    {
      title: 'A table and a query',
      configuration: {
        connection: { host: 'db.example.com', database: 'crm', user: 'reader', '#password': 'secret' },
        tables: [
          { table: 'in.crm.accounts', sourceTable: 'accounts', primaryKey: ['id'] },
          { table: 'in.crm.open', query: "SELECT id, amount FROM opportunities WHERE stage <> 'Closed'" },
        ],
      },
    },
  ],
  connectionOf: ({ connection: { host, port, database } }) => `postgres://${host}:${port}/${database}`,
  actions: {
    testConnection: ({ connection }) =>
      withConnection(connection, async (client) => {
        const { rows } = await client.query<{ version: string }>('select version()');
        return { ok: true, version: rows[0]?.version ?? '' };
      }),
    listTables: ({ connection }) =>
      withConnection(connection, async (client) => {
        const { rows } = await client.query<{ schema: string; name: string }>(listTablesQuery);
        return { ok: true, tables: rows };
      }),
    listColumns: ({ connection }) =>
      withConnection(connection, async (client) => {
        const { rows } = await client.query<{ schema: string; table: string; name: string; type: string }>(
          listColumnsQuery,
        );
        return { ok: true, columns: rows };
      }),
  },
  async run({ connection, tables }, context) {
    const entries = tables.filter((entry) => entry.enabled);
    const staged = await withConnection(connection, (client) =>
      extractAll(client, entries, { connection, context }),
    );
    return {
      message:
        staged.map((table) => `${table.rows} rows into ${table.tableId}`).join(', ') || 'Nothing to load',
      tables: staged,
    };
  },
});

const userSchemas = `table_schema not in ('pg_catalog', 'information_schema')`;
const listTablesQuery = `select table_schema as schema, table_name as name from information_schema.tables
  where ${userSchemas} order by 1, 2 limit 10000`;
const listColumnsQuery = `select table_schema as schema, table_name as table, column_name as name, data_type as type
  from information_schema.columns where ${userSchemas} order by 1, 2, ordinal_position limit 50000`;

async function extractAll(
  client: Client,
  entries: readonly Extraction[],
  { connection, context }: { connection: PostgresConnection; context: TaskContext },
): Promise<StagedTable[]> {
  await client.query('begin transaction isolation level repeatable read read only');
  const stopCancelling = cancelOnAbort(connection, await backendPid(client), context);
  const staged: StagedTable[] = [];
  try {
    for (const entry of entries) {
      const table = await extractTable(client, entry, context);
      staged.push(table);
      context.log.info(`${entry.table}: ${table.rows} rows, ${table.columns.length} columns.`);
      context.reportProgress({ done: staged.length, total: entries.length, unit: 'tables' });
    }
    await client.query('commit');
    return staged;
  } finally {
    await stopCancelling();
  }
}

async function backendPid(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
}

/** A cancel must reach the server: it would go on with the query otherwise. Answers how to end the watch. */
function cancelOnAbort(
  connection: PostgresConnection,
  pid: number,
  { signal, log }: TaskContext,
): () => Promise<void> {
  let cancelling: Promise<void> = Promise.resolve();
  const onAbort = () => {
    log.info('Cancelling the query.');
    cancelling = cancelQuery(connection, pid).catch((error: unknown) => {
      log.warn(`The query could not be cancelled: ${String(error)}`);
    });
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return async () => {
    signal.removeEventListener('abort', onAbort);
    await cancelling;
  };
}
