import { sql } from 'kysely';
import type { WriteOutcome } from './configurations';
import type { Db } from './database';
import type { OrchestrationContent } from './migrations/0001-definitions';

/** An orchestration as stored; secrets of inline configurations are encrypted. */
export interface StoredOrchestration {
  readonly id: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly content: OrchestrationContent;
}

export async function insertOrchestration(
  db: Db,
  { id, author }: { id: string; author: string },
  content: OrchestrationContent,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('orchestrations')
      .values({ id, name: content.name, enabled: content.enabled, version: 1 })
      .execute();
    await insertVersion(trx, { id, version: 1, author }, content);
  });
}

/** Writes a new version, if `expectedVersion` is still the current one: of two writers exactly one wins. */
export async function replaceOrchestration(
  db: Db,
  { id, expectedVersion, author }: { id: string; expectedVersion: number; author: string },
  content: OrchestrationContent,
): Promise<WriteOutcome> {
  return db.transaction().execute(async (trx) => {
    const moved = await trx
      .updateTable('orchestrations')
      .set({
        name: content.name,
        enabled: content.enabled,
        version: expectedVersion + 1,
        updated_at: sql<Date>`now()`,
      })
      .where('id', '=', id)
      .where('version', '=', expectedVersion)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    if (moved.numUpdatedRows === 0n) return outcomeOfMiss(trx, id);
    await insertVersion(trx, { id, version: expectedVersion + 1, author }, content);
    return 'written';
  });
}

/** Moves an orchestration to the trash. Its runs stay, and go on. */
export async function trashOrchestration(db: Db, id: string, expectedVersion: number): Promise<WriteOutcome> {
  const moved = await db
    .updateTable('orchestrations')
    .set({ deleted_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('version', '=', expectedVersion)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return moved.numUpdatedRows === 0n ? outcomeOfMiss(db, id) : 'written';
}

export async function findOrchestration(db: Db, id: string): Promise<StoredOrchestration | null> {
  const row = await currentOrchestrations(db).where('head.id', '=', id).executeTakeFirst();
  return row ?? null;
}

/** Newest first. */
export async function listOrchestrations(
  db: Db,
  page: { limit: number; before: string | undefined },
): Promise<readonly StoredOrchestration[]> {
  return currentOrchestrations(db)
    .$if(page.before !== undefined, (query) => query.where('head.id', '<', page.before ?? ''))
    .orderBy('head.id', 'desc')
    .limit(page.limit)
    .execute();
}

function currentOrchestrations(db: Db) {
  return db
    .selectFrom('orchestrations as head')
    .innerJoin('orchestration_versions as version', (join) =>
      join.onRef('version.orchestration_id', '=', 'head.id').onRef('version.version', '=', 'head.version'),
    )
    .select([
      'head.id',
      'head.version',
      'head.created_at as createdAt',
      'head.updated_at as updatedAt',
      'version.content',
    ])
    .where('head.deleted_at', 'is', null);
}

async function insertVersion(
  db: Db,
  { id, version, author }: { id: string; version: number; author: string },
  content: OrchestrationContent,
): Promise<void> {
  await db
    .insertInto('orchestration_versions')
    .values({ orchestration_id: id, version, author, content: JSON.stringify(content) })
    .execute();
}

async function outcomeOfMiss(db: Db, id: string): Promise<WriteOutcome> {
  return (await findOrchestration(db, id)) === null ? 'missing' : 'stale';
}
