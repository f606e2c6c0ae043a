import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TableColumn } from '../domain/model/table';
import type { DuckDbProcess } from './duckdb/duckdb-process';
import { quoteText, quoteTexts } from './duckdb/sql-text';
import { flushToDisk, partName } from './folders';

/** What a version's files hold. */
export interface ParquetContent {
  readonly columns: readonly TableColumn[];
  readonly rows: number;
  readonly bytes: number;
}

/** SQL that reads files of one version as one relation; parts may differ in columns. */
export function readFiles(files: readonly string[]): string {
  return `read_parquet(${quoteTexts(files)}, union_by_name = true)`;
}

/** Writes the rows of a query as the one file of a new version, and puts it on the disk. */
export async function writePart(
  duckdb: DuckDbProcess,
  query: string,
  folder: string,
): Promise<ParquetContent> {
  const file = join(folder, partName);
  await duckdb.run(
    `COPY (${query}) TO ${quoteText(file)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)`,
  );
  await flushToDisk(folder, partName);
  return describeFiles(duckdb, [file]);
}

export async function describeFiles(
  duckdb: DuckDbProcess,
  files: readonly string[],
): Promise<ParquetContent> {
  const columns = await duckdb.run(`DESCRIBE SELECT * FROM ${readFiles(files)}`);
  const [count] = await duckdb.run(`SELECT count(*)::VARCHAR AS rows FROM ${readFiles(files)}`);
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return {
    columns: columns.map((column) => ({
      name: String(column.column_name),
      type: String(column.column_type),
    })),
    rows: Number(count?.rows),
    bytes: sizes.reduce((sum, size) => sum + size, 0),
  };
}
