import type { JsonObject } from '../../domain/model/json';
import type { Db } from '../database';
import type { OrchestrationContent } from '../migrations/0001-definitions';

/** An orchestration as it is now, with the secrets of inline configurations encrypted. */
export interface Definition {
  readonly id: string;
  readonly version: number;
  readonly content: OrchestrationContent;
}

/** `null` when there is none, or it is in the trash. */
export async function readDefinition(db: Db, orchestrationId: string): Promise<Definition | null> {
  const row = await db
    .selectFrom('orchestrations as head')
    .innerJoin('orchestration_versions as version', (join) =>
      join
        .onRef('version.orchestration_id', '=', 'head.id')
        .onRef('version.version', '=', 'head.version'),
    )
    .select(['head.id', 'head.version', 'version.content'])
    .where('head.id', '=', orchestrationId)
    .where('head.deleted_at', 'is', null)
    .executeTakeFirst();
  return row ?? null;
}

/** The current version of a saved configuration, secrets encrypted. */
export interface CurrentConfiguration {
  readonly id: string;
  readonly componentId: string;
  readonly version: number;
  readonly content: JsonObject;
}

/** The current versions of configurations, by id; those that are gone or in the trash are left out. */
export async function readCurrentConfigurations(
  db: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, CurrentConfiguration>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('configurations as head')
    .innerJoin('configuration_versions as version', (join) =>
      join
        .onRef('version.configuration_id', '=', 'head.id')
        .onRef('version.version', '=', 'head.version'),
    )
    .select(['head.id', 'head.component_id as componentId', 'head.version', 'version.content'])
    .where('head.id', 'in', [...new Set(ids)])
    .where('head.deleted_at', 'is', null)
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}
