import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { CurrentVersion } from './catalog';
import { DuckDbProcess } from './duckdb/duckdb-process';
import { quoteName, quoteText } from './duckdb/sql-text';
import { makeScratchFolder, removeFolder, type StorageFolders } from './folders';
import { readFiles } from './parquet';
import type { TablePreview } from './table-storage';

const never = new AbortController().signal;

/** The first rows of a version, every value as text. */
export async function previewRows(
  folders: StorageFolders,
  current: CurrentVersion,
  limit: number,
): Promise<TablePreview> {
  const scratch = await makeScratchFolder(folders);
  const duckdb = await DuckDbProcess.open({ tempFolder: scratch, signal: never });
  try {
    const columns = current.columns.map((column) => column.name);
    const texts = columns.map((name, index) => `${quoteName(name)}::VARCHAR AS c${index}`).join(', ');
    const rows = await duckdb.run(
      `SELECT ${texts} FROM ${readFiles(filesOf(folders, current))} LIMIT ${limit}`,
    );
    return {
      columns,
      rows: rows.map((row) =>
        columns.map((_, index) => (row[`c${index}`] as string | null | undefined) ?? null),
      ),
    };
  } finally {
    await duckdb.close();
    await removeFolder(scratch);
  }
}

/** A file with all rows of a version; removed when the stream is closed. */
export async function openDownload(
  folders: StorageFolders,
  current: CurrentVersion,
  format: 'csv' | 'parquet',
): Promise<Readable> {
  const files = filesOf(folders, current);
  const [only] = files;
  if (format === 'parquet' && files.length === 1 && only !== undefined) return createReadStream(only);
  const scratch = await makeScratchFolder(folders);
  const duckdb = await DuckDbProcess.open({ tempFolder: scratch, signal: never });
  const file = join(scratch, `rows.${format}`);
  try {
    const options = format === 'csv' ? 'FORMAT csv, HEADER true' : 'FORMAT parquet, COMPRESSION zstd';
    await duckdb.run(`COPY (SELECT * FROM ${readFiles(files)}) TO ${quoteText(file)} (${options})`);
  } catch (error) {
    await removeFolder(scratch);
    throw error;
  } finally {
    await duckdb.close();
  }
  return createReadStream(file).on('close', () => void removeFolder(scratch));
}

function filesOf(folders: StorageFolders, current: CurrentVersion): string[] {
  return current.parts.map((part) => join(folders.tables, current.id, part));
}
