import { sql } from 'kysely';
import type { JsonObject } from '../domain/model/json';
import type { Db } from './database';

/** What a version of a configuration holds; secrets encrypted. */
export interface ConfigurationContent {
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly content: JsonObject;
}

export interface StoredConfiguration extends ConfigurationContent {
  readonly id: string;
  readonly componentId: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** `stale`: somebody else wrote first. */
export type WriteOutcome = 'written' | 'stale' | 'missing';

export async function insertConfiguration(
  db: Db,
  { id, componentId, author }: { id: string; componentId: string; author: string },
  content: ConfigurationContent,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.insertInto('configurations').values({ id, component_id: componentId, version: 1 }).execute();
    await insertVersion(trx, { id, version: 1, author }, content);
  });
}

/** Writes a new version, if `expectedVersion` is still the current one: of two writers exactly one wins. */
export async function replaceConfiguration(
  db: Db,
  { id, expectedVersion, author }: { id: string; expectedVersion: number; author: string },
  content: ConfigurationContent,
): Promise<WriteOutcome> {
  return db.transaction().execute(async (trx) => {
    const moved = await trx
      .updateTable('configurations')
      .set({ version: expectedVersion + 1, updated_at: sql<Date>`now()` })
      .where('id', '=', id)
      .where('version', '=', expectedVersion)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    if (moved.numUpdatedRows === 0n) return outcomeOfMiss(trx, id);
    await insertVersion(trx, { id, version: expectedVersion + 1, author }, content);
    return 'written';
  });
}

/** Moves a configuration to the trash. */
export async function trashConfiguration(db: Db, id: string, expectedVersion: number): Promise<WriteOutcome> {
  const moved = await db
    .updateTable('configurations')
    .set({ deleted_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('version', '=', expectedVersion)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return moved.numUpdatedRows === 0n ? outcomeOfMiss(db, id) : 'written';
}

export async function findConfiguration(db: Db, id: string): Promise<StoredConfiguration | null> {
  const row = await currentConfigurations(db).where('head.id', '=', id).executeTakeFirst();
  return row ?? null;
}

/** The configurations of a component, newest first. */
export async function listConfigurations(
  db: Db,
  page: { componentId: string; limit: number; before: string | undefined },
): Promise<readonly StoredConfiguration[]> {
  return currentConfigurations(db)
    .where('head.component_id', '=', page.componentId)
    .$if(page.before !== undefined, (query) => query.where('head.id', '<', page.before ?? ''))
    .orderBy('head.id', 'desc')
    .limit(page.limit)
    .execute();
}

/** The named ones of the configurations that are not in the trash, by id. */
export async function findConfigurations(
  db: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredConfiguration>> {
  if (ids.length === 0) return new Map();
  const rows = await currentConfigurations(db)
    .where('head.id', 'in', [...new Set(ids)])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

function currentConfigurations(db: Db) {
  return db
    .selectFrom('configurations as head')
    .innerJoin('configuration_versions as version', (join) =>
      join.onRef('version.configuration_id', '=', 'head.id').onRef('version.version', '=', 'head.version'),
    )
    .select([
      'head.id',
      'head.component_id as componentId',
      'head.version',
      'head.created_at as createdAt',
      'head.updated_at as updatedAt',
      'version.name',
      'version.description',
      'version.enabled',
      'version.content',
    ])
    .where('head.deleted_at', 'is', null);
}

async function insertVersion(
  db: Db,
  { id, version, author }: { id: string; version: number; author: string },
  { name, description, enabled, content }: ConfigurationContent,
): Promise<void> {
  await db
    .insertInto('configuration_versions')
    .values({
      configuration_id: id,
      version,
      author,
      name,
      description,
      enabled,
      content: JSON.stringify(content),
    })
    .execute();
}

async function outcomeOfMiss(db: Db, id: string): Promise<WriteOutcome> {
  return (await findConfiguration(db, id)) === null ? 'missing' : 'stale';
}
