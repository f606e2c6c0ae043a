import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { StagedTable } from '../components/context';
import { UserError } from '../domain/errors';
import type { CurrentVersion } from './catalog';
import { DuckDbProcess } from './duckdb/duckdb-process';
import { quoteNames, quoteText } from './duckdb/sql-text';
import { flushToDisk, makeScratchFolder, partName, removeFolder, type StorageFolders } from './folders';
import { describeFiles, readFiles, type ParquetContent } from './parquet';

/** The name of the file that holds an upserted table; the increment itself stays beside it. */
const mergedName = 'merged.parquet';

/** What an increment is joined with. */
export type IncrementBase = Pick<CurrentVersion, 'parts' | 'columns'>;

export const noBase: IncrementBase = { parts: [], columns: [] };

/**
 * Joins an increment with the version before it. With a primary key, rows of the increment take the place of rows
 * with the same key (of several, the last one wins) and the table is written anew; without one, the increment
 * becomes one more part. Repeatable: a second call, on a newer base, overwrites the first one's file.
 *
 * @param base `noBase` for the first load of a table, and for a full one: then only the key is made unique.
 * @throws UserError when a column of the key is missing.
 */
export async function mergeIncrement(
  folders: StorageFolders,
  staged: StagedTable,
  base: IncrementBase,
): Promise<ParquetContent & { readonly parts: readonly string[] }> {
  const key = staged.primaryKey ?? [];
  const table = join(folders.tables, staged.tableId);
  const increment = join(staged.version, partName);
  const scratch = await makeScratchFolder(folders);
  const duckdb = await DuckDbProcess.open({ tempFolder: scratch, signal: new AbortController().signal });
  try {
    if (key.length === 0) {
      const parts = [...base.parts, increment];
      return { ...(await describeFiles(duckdb, absolute(table, parts))), parts };
    }
    refuseMissingKey(staged, base, key);
    if (base.parts.length === 0 && !(await hasDoubles(duckdb, join(table, increment), key))) {
      return { columns: staged.columns, rows: staged.rows, bytes: staged.bytes, parts: [increment] };
    }
    const beside = join(staged.folder, `${mergedName}.unfinished`);
    const query = upsert(absolute(table, base.parts), join(table, increment), key);
    await duckdb.run(`COPY (${query}) TO ${quoteText(beside)} (FORMAT parquet, COMPRESSION zstd)`);
    await rename(beside, join(staged.folder, mergedName));
    await flushToDisk(staged.folder, mergedName);
    const parts = [join(staged.version, mergedName)];
    return { ...(await describeFiles(duckdb, absolute(table, parts))), parts };
  } finally {
    await duckdb.close();
    await removeFolder(scratch);
  }
}

async function hasDoubles(duckdb: DuckDbProcess, file: string, key: readonly string[]): Promise<boolean> {
  const doubles = await duckdb.run(
    `SELECT 1 FROM ${readFiles([file])} GROUP BY ${quoteNames(key)} HAVING count(*) > 1 LIMIT 1`,
  );
  return doubles.length > 0;
}

function upsert(base: readonly string[], increment: string, key: readonly string[]): string {
  const lastOfEach = `SELECT * EXCLUDE (_row) FROM (
    SELECT *, row_number() OVER () AS _row FROM ${readFiles([increment])}
  ) QUALIFY row_number() OVER (PARTITION BY ${quoteNames(key)} ORDER BY _row DESC) = 1`;
  if (base.length === 0) return lastOfEach;
  return `SELECT * FROM ${readFiles(base)} AS base ANTI JOIN ${readFiles([increment])} AS increment USING (${quoteNames(key)})
    UNION ALL BY NAME (${lastOfEach})`;
}

function refuseMissingKey(staged: StagedTable, base: IncrementBase, key: readonly string[]): void {
  for (const [what, columns] of [
    ['the loaded data', staged.columns],
    ...(base.parts.length === 0 ? [] : [['the table', base.columns] as const]),
  ] as const) {
    const missing = key.filter((name) => !columns.some((column) => column.name === name));
    if (missing.length === 0) continue;
    throw new UserError(
      `Table ${staged.tableId} cannot be loaded: ${what} has no column ${missing.join(', ')} of the primary key.`,
      { code: 'PRIMARY_KEY_MISSING' },
    );
  }
}

function absolute(table: string, parts: readonly string[]): string[] {
  return parts.map((part) => join(table, part));
}
