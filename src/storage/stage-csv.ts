import { execFile } from 'node:child_process';
import { constants, open as openFile } from 'node:fs';
import { Socket, type SocketConstructorOpts } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { CsvSource, LoadOptions, StagedTable } from '../components/context';
import { UserError, errorCodeOf } from '../domain/errors';
import type { TableColumn } from '../domain/model/table';
import { DuckDbError, DuckDbProcess } from './duckdb/duckdb-process';
import { quoteName, quoteText } from './duckdb/sql-text';
import { makeScratchFolder, makeVersionFolder, removeFolder, type StorageFolders } from './folders';
import { writePart, type ParquetContent } from './parquet';

const run = promisify(execFile);
const openNow = promisify(openFile);

/**
 * The longest row, and what DuckDB takes at once: it works on a stretch only when it has all of it, so a long one
 * keeps it idle while the source is read, and the source idle while it works.
 */
const longestRowBytes = 4_194_304;
/** So much is fetched from the source while DuckDB is busy. */
const aheadBytes = 8_388_608;

/**
 * Turns CSV text into a version that nobody sees yet. The text goes through a named pipe to DuckDB while it is
 * still being read from its source: no file in between, no row in JavaScript.
 */
export async function stageCsv(
  folders: StorageFolders,
  load: LoadOptions,
  csv: CsvSource,
  signal: AbortSignal,
): Promise<StagedTable> {
  const scratch = await makeScratchFolder(folders);
  const place = await makeVersionFolder(folders, load.tableId);
  // Ends the other side when one of them fails: a pipe with one end waits for ever.
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const duckdb = await DuckDbProcess.open({ tempFolder: scratch, signal });
  try {
    const pipe = join(scratch, 'rows.csv');
    await run('mkfifo', [pipe]);
    const abort = (error: unknown) => {
      failing.abort(error);
      throw error;
    };
    const reading = writePart(duckdb, readCsv(pipe, csv.columns), place.folder).catch(abort);
    const writing = writeInto(pipe, csv, either).catch(async (error: unknown) => {
      failing.abort(error);
      await duckdb.close();
      throw error;
    });
    const [content] = await bothOrFirstError<ParquetContent>(reading, writing, failing.signal);
    return { ...load, ...place, ...content };
  } catch (error) {
    await removeFolder(place.folder);
    throw error instanceof DuckDbError ? unreadable(load, error) : error;
  } finally {
    await duckdb.close();
    await removeFolder(scratch);
  }
}

async function bothOrFirstError<T>(
  reading: Promise<T>,
  writing: Promise<void>,
  failing: AbortSignal,
): Promise<[T]> {
  const [read, written] = await Promise.allSettled([reading, writing]);
  if (failing.aborted) throw failing.reason;
  if (read.status === 'rejected') throw read.reason;
  if (written.status === 'rejected') throw written.reason;
  return [read.value];
}

function readCsv(pipe: string, columns: readonly TableColumn[]): string {
  const types = columns.map(({ name, type }) => `${quoteText(name)}: ${quoteText(type)}`).join(', ');
  return `SELECT ${columns.map(({ name }) => quoteName(name)).join(', ')} FROM read_csv(${quoteText(pipe)},
    auto_detect = false, header = false, delim = ',', new_line = '\\n', quote = '"', escape = '"',
    nullstr = '', allow_quoted_nulls = false, max_line_size = ${longestRowBytes}, buffer_size = ${longestRowBytes}, columns = {${types}})`;
}

async function writeInto(pipe: string, csv: CsvSource, signal: AbortSignal): Promise<void> {
  const fd = await openWhenRead(pipe, signal);
  const options: SocketConstructorOpts & { writableHighWaterMark: number } = {
    fd,
    readable: false,
    writable: true,
    writableHighWaterMark: aheadBytes,
  };
  const socket = new Socket(options);
  const onAbort = () => {
    socket.destroy(signal.reason as Error);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const closed = new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => {
      resolve();
    });
  });
  try {
    await Promise.all([
      csv.write(socket).then(() => {
        socket.end();
      }),
      closed,
    ]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
  }
}

/** Opens the writing end as soon as somebody reads; without a reader the open would wait for ever. */
async function openWhenRead(pipe: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    try {
      return await openNow(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (errorCodeOf(error) !== 'ENXIO') throw error;
      await delay(2, undefined, { signal });
    }
  }
}

function unreadable(load: LoadOptions, cause: DuckDbError): UserError {
  return new UserError(`The rows for ${load.tableId} do not fit its columns: ${cause.message}`, {
    code: 'ROWS_DO_NOT_FIT',
    cause,
  });
}
