import { errorCodeOf } from '../domain/errors';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Db } from '../store/database';
import { removeFolder, type StorageFolders } from './folders';

const DAY_MS = 86_400_000;
/** Versions that are no longer current can be gone back to for this long. */
const retentionMs = 7 * DAY_MS;
/** A folder without a row may belong to an attempt that is still writing. */
const orphanAgeMs = DAY_MS;

/**
 * Removes versions that are neither current, nor in retention, nor used by a run that has not ended, and folders
 * that no row knows because their attempt died. A file that another version still lists stays. Idempotent.
 */
export async function removeUnused(db: Db, folders: StorageFolders, now: Date): Promise<void> {
  await forgetOldVersions(db, new Date(now.getTime() - retentionMs));
  for (const tableId of await namesIn(folders.tables)) {
    const used = await usedFolders(db, tableId);
    for (const version of await namesIn(join(folders.tables, tableId))) {
      const folder = join(folders.tables, tableId, version);
      if (!used.has(version) && (await isOlder(folder, now.getTime() - orphanAgeMs)))
        await removeFolder(folder);
    }
  }
  for (const name of await namesIn(folders.scratch)) {
    const folder = join(folders.scratch, name);
    if (await isOlder(folder, now.getTime() - orphanAgeMs)) await removeFolder(folder);
  }
}

async function forgetOldVersions(db: Db, before: Date): Promise<void> {
  await sql`
    delete from storage_versions as version
    where version.created_at < ${before}
      and not exists (select from storage_tables where current_version = version.version)
      and not exists (
        select from storage_pins as pin join runs on runs.id = pin.run_id
        where pin.version = version.version and runs.finished_at is null
      )`.execute(db);
}

/** The version folders that any version of the table still lists a file of. */
async function usedFolders(db: Db, tableId: string): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('storage_versions')
    .select('parts')
    .where('table_id', '=', tableId)
    .execute();
  return new Set(rows.flatMap((row) => row.parts.map((part) => part.split('/')[0] ?? '')));
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw error;
  });
}

async function isOlder(folder: string, thanMs: number): Promise<boolean> {
  return (await stat(folder)).mtimeMs < thanMs;
}
