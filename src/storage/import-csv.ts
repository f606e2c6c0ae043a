import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { StagedTable } from '../components/context';
import { ValidationError, errorCodeOf } from '../domain/errors';
import { readCsvHeader, type CsvHeader, type LineBreak } from './csv-header';
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
    const header = await readCsvHeader(file);
    const duckdb = await DuckDbProcess.open({ tempFolder: scratch, signal });
    try {
      const content = await writePart(duckdb, readUpload(file, header), place.folder);
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

/** As DuckDB writes them. */
const escaped: Record<LineBreak, string> = { '\n': '\\n', '\r\n': '\\r\\n', '\r': '\\r' };

/** Every row has as many values as the first line has names; anything else is an error, never a row left out. */
function readUpload(file: string, { delimiter, lineBreak, columns }: CsvHeader): string {
  const types = columns.map((name) => `${quoteText(name)}: 'VARCHAR'`).join(', ');
  return `SELECT * FROM read_csv(${quoteText(file)}, auto_detect = false, header = true, delim = ${quoteText(delimiter)}, new_line = ${quoteText(escaped[lineBreak])},
    quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, max_line_size = 16777216, columns = {${types}})`;
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
