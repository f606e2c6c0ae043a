import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../domain/errors';
import { DuckDbError, DuckDbProcess } from './duckdb/duckdb-process';
import { quoteText } from './duckdb/sql-text';
import { makeScratchFolder, removeFolder, storageError, type StorageFolders } from './folders';
import { readFiles } from './parquet';

/** Writes rows to a file of the outside world: it appears under its name when it is whole. */
export async function exportFile(
  folders: StorageFolders,
  files: readonly string[],
  target: { readonly path: string; readonly format: 'csv' | 'parquet' },
  signal: AbortSignal,
): Promise<void> {
  const scratch = await makeScratchFolder(folders);
  const beside = `${target.path}.${randomUUID()}.unfinished`;
  const duckdb = await DuckDbProcess.open({ tempFolder: scratch, signal });
  try {
    await mkdir(dirname(target.path), { recursive: true }).catch((cause: unknown) => {
      throw storageError(dirname(target.path), cause);
    });
    const format = target.format === 'csv' ? 'FORMAT csv, HEADER true' : 'FORMAT parquet, COMPRESSION zstd';
    await duckdb.run(`COPY (SELECT * FROM ${readFiles(files)}) TO ${quoteText(beside)} (${format})`);
    const handle = await open(beside, 'r');
    await handle.sync().finally(() => handle.close());
    await rename(beside, target.path);
  } catch (error) {
    if (!(error instanceof DuckDbError)) throw error;
    throw new UserError(`File ${target.path} cannot be written: ${error.message}`, {
      code: 'FILE_NOT_WRITTEN',
      cause: error,
    });
  } finally {
    await duckdb.close();
    await rm(beside, { force: true });
    await removeFolder(scratch);
  }
}
