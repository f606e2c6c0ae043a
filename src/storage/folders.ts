import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { TransientError, errorCodeOf } from '../domain/errors';
import type { TableId } from '../domain/model/table';

/** Where the files of table storage are. */
export interface StorageFolders {
  /** Absolute path of the folder that holds a folder for each table. */
  readonly tables: string;
  /** Absolute path of the folder for work under way, on the same disk. */
  readonly scratch: string;
}

export function storageFolders(dataDir: string): StorageFolders {
  return { tables: join(dataDir, 'tables'), scratch: join(dataDir, 'scratch') };
}

/** The name of the one file that a load writes. */
export const partName = 'part-0000.parquet';

/** Makes the folder of a version that nobody sees yet. */
export async function makeVersionFolder(
  folders: StorageFolders,
  tableId: TableId,
): Promise<{ version: string; folder: string }> {
  const version = ulid();
  const folder = join(folders.tables, tableId, version);
  await makeFolder(folder);
  return { version, folder };
}

/** Makes a folder for work under way; the caller removes it. */
export async function makeScratchFolder(folders: StorageFolders): Promise<string> {
  const folder = join(folders.scratch, ulid());
  await makeFolder(folder);
  return folder;
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Puts a file and its folder on the disk, so that a catalogue row never names what a power cut has lost. */
export async function flushToDisk(folder: string, file: string): Promise<void> {
  for (const path of [join(folder, file), folder]) {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw storageError(folder, cause);
  }
}

/** Says for people what a file system error means. */
export function storageError(path: string, cause: unknown): TransientError {
  const code = errorCodeOf(cause);
  const meanings: Record<string, string> = {
    ENOSPC: 'the disk is full; free some space',
    EDQUOT: 'the quota of the disk is used up; free some space',
    EACCES: 'this user may not write there; give the right to it',
    EROFS: 'the disk is read-only',
  };
  const meaning = meanings[code] ?? (cause instanceof Error ? cause.message : String(cause));
  return new TransientError(`Table storage cannot write to ${path}: ${meaning}.`, {
    code: code === 'ENOSPC' || code === 'EDQUOT' ? 'STORAGE_FULL' : 'STORAGE_NOT_WRITABLE',
    cause,
  });
}
