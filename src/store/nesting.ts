import { sql } from 'kysely';
import type { Db } from './database';

/** An orchestration that runs another one as a task. */
export interface NestingEdge {
  readonly orchestrationId: string;
  /** The saved configuration that names the nested one; `null` for an inline one. */
  readonly configurationId: string | null;
  readonly nestedId: string;
}

/** Every nesting of orchestrations that are not in the trash, as they are saved now. */
export async function listNestings(db: Db): Promise<readonly NestingEdge[]> {
  const { rows } = await sql<NestingEdge>`
    select "orchestrationId", "configurationId", "nestedId"
    from (
      select head.id as "orchestrationId",
        task->>'configurationId' as "configurationId",
        coalesce(task->'configuration'->>'orchestrationId', saved.content->>'orchestrationId') as "nestedId"
      from orchestrations as head
      join orchestration_versions as version
        on version.orchestration_id = head.id and version.version = head.version
      cross join jsonb_path_query(version.content, '$.phases[*].tasks[*] ? (@.componentId == "orchestration")') as task
      left join configurations as configuration
        on configuration.id = task->>'configurationId' and configuration.deleted_at is null
      left join configuration_versions as saved
        on saved.configuration_id = configuration.id and saved.version = configuration.version
      where head.deleted_at is null
    ) as edges
    where "nestedId" is not null`.execute(db);
  return rows;
}

/** Names of orchestrations that are not in the trash, by id. */
export async function readOrchestrationNames(
  db: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('orchestrations')
    .select(['id', 'name'])
    .where('id', 'in', [...new Set(ids)])
    .where('deleted_at', 'is', null)
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}
