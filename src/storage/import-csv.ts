import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { StagedTable } from '../components/context';
import { ValidationError, errorCodeOf } from '../domain/errors';
import { DuckDbError, DuckDbProcess } from './duckdb/duckdb-process';
import { quoteText } from './duckdb/sql-text';
import {
  makeScratchFolder,
  makeVersionFolder,
  removeFolder,
  storageError,
  type StorageFolders,
} from './folders';
import { writePart } from './parquet';
import type { CsvUpload } from './table-storage';

/**
 * Turns an uploaded CSV into a version that nobody sees yet. The first line names the columns; the separator is
 * found out; all columns are texts, and nothing between two separators is NULL while `""` is the empty text.
 */
export async function stageUpload(
  folders: StorageFolders,
  upload: CsvUpload,
  signal: AbortSignal,
): Promise<StagedTable> {
  const scratch = await makeScratchFolder(folders);
  const file = join(scratch, 'upload.csv');
  const place = await makeVersionFolder(folders, upload.tableId);
  try {
    await pipeline(upload.content, createWriteStream(file), { signal }).catch((error: unknown) => {
      throw isDiskError(error) ? storageError(scratch, error) : error;
    });
    const duckdb = await DuckDbProcess.open({ tempFolder: scratch, signal });
    try {
      const content = await writePart(duckdb, readUpload(file, await findDelimiter(file)), place.folder);
      const { tableId, incremental, primaryKey } = upload;
      return { tableId, incremental, primaryKey, ...place, ...content };
    } finally {
      await duckdb.close();
    }
  } catch (error) {
    await removeFolder(place.folder);
    throw error instanceof DuckDbError ? notCsv(error, file) : error;
  } finally {
    await removeFolder(scratch);
  }
}

function readUpload(file: string, delimiter: string): string {
  return `SELECT * FROM read_csv(${quoteText(file)}, header = true, all_varchar = true, delim = ${quoteText(delimiter)},
    quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, max_line_size = 16777216)`;
}

const delimiters = [',', ';', '\t', '|'] as const;
const firstLineBytes = 65_536;

/**
 * The separator that stands most often in the first line, outside of quotes. Found here and not by DuckDB, which
 * rather takes another separator than says that a quote was never closed.
 */
async function findDelimiter(file: string): Promise<string> {
  const start = createReadStream(file, { end: firstLineBytes - 1, encoding: 'utf8' });
  const [firstLine = ''] = (await text(start)).split(/\r?\n/);
  const unquoted = firstLine.replace(/"(?:[^"]|"")*"/g, '');
  const counted = delimiters.map((delimiter) => ({ delimiter, count: unquoted.split(delimiter).length }));
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

function isDiskError(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(errorCodeOf(error));
}

function notCsv(cause: DuckDbError, file: string): ValidationError {
  const sentence = cause.message.replaceAll(file, 'the upload').split('\n').slice(0, 3).join(' ');
  return new ValidationError(`The upload cannot be read as CSV with a header row in UTF-8: ${sentence}`, [], {
    code: 'NOT_CSV',
    cause,
  });
}
