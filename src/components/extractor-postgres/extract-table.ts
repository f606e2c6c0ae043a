import { pipeline } from 'node:stream/promises';
import { type Client, escapeIdentifier } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { UserError } from '../../domain/errors';
import type { StagedTable, TaskContext } from '../context';
import { toDuckDbColumn } from './column-types';
import type { Extraction } from './configuration';

/** Copies the rows of a table or a query into a new version of a table in storage. */
export async function extractTable(
  client: Client,
  entry: Extraction,
  context: TaskContext,
): Promise<StagedTable> {
  const query = toQuery(entry);
  const columns = await readColumns(client, query, entry);
  const { table, primaryKey, incremental } = entry;
  return context.tables.stageCsv(
    { tableId: table, primaryKey, incremental },
    {
      columns,
      async write(target) {
        const rows = client.query(copyTo(`COPY (${query}) TO STDOUT (FORMAT csv)`));
        await pipeline(rows, target, { end: false, signal: context.signal });
      },
    },
    context.signal,
  );
}

/** COPY takes one query without the semicolon at its end. */
function toQuery({ query, sourceSchema, sourceTable, columns }: Extraction): string {
  if (query !== undefined) return query.trim().replace(/;+\s*$/, '');
  const selected = columns === undefined ? '*' : columns.map(escapeIdentifier).join(', ');
  return `SELECT ${selected} FROM ${escapeIdentifier(sourceSchema)}.${escapeIdentifier(sourceTable ?? '')}`;
}

async function readColumns(client: Client, query: string, entry: Extraction) {
  const { fields } = await client.query(`SELECT * FROM (${query}\n) AS source LIMIT 0`);
  const columns = fields.map(toDuckDbColumn);
  const names = columns.map(({ name }) => name.toLowerCase());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined || columns.length === 0) {
    const found = twice === undefined ? 'no column' : `column "${twice}" twice`;
    throw new UserError(`The source of ${entry.table} has ${found}. Name its columns, each once.`, {
      code: 'BAD_COLUMNS',
    });
  }
  return columns;
}
