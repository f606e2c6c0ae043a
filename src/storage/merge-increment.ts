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

/**
 * Joins an increment with the version before it. With a primary key, rows of the increment take the place of rows
 * with the same key (of several, the last one wins) and the table is written anew; without one, the increment
 * becomes one more part. Repeatable: a second call, on a newer base, overwrites the first one's file.
 *
 * @param base has no parts for the first load of a table.
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
      `Table ${staged.tableId} cannot be loaded incrementally: ${what} has no column ${missing.join(', ')} of the primary key.`,
      { code: 'PRIMARY_KEY_MISSING' },
    );
  }
}

function absolute(table: string, parts: readonly string[]): string[] {
  return parts.map((part) => join(table, part));
}
