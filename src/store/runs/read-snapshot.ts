import type { Selectable } from 'kysely';
import type { Db } from '../database';
import type { JsonObject } from '../../domain/model/json';
import type { Database } from '../schema';

/** Everything that is kept of a run, configurations included: what a retry is made from. */
export interface RunSnapshotRows {
  readonly run: Selectable<Database['runs']>;
  /** In the order of phases and positions. */
  readonly tasks: readonly SnapshotTask[];
}

/** A task of a run, with the configuration that it had; `null` when the saved version is gone. */
export type SnapshotTask = Selectable<Database['run_tasks']> & { readonly configuration: JsonObject | null };

/** `null` when there is no such run. */
export async function readSnapshot(db: Db, runId: string): Promise<RunSnapshotRows | null> {
  const run = await db.selectFrom('runs').selectAll().where('id', '=', runId).executeTakeFirst();
  if (run === undefined) return null;
  const tasks = await snapshotTasks(db)
    .where('task.run_id', '=', runId)
    .orderBy('task.phase_index')
    .orderBy('task.position')
    .execute();
  return { run, tasks };
}

/** `null` when there is no such task. */
export async function readSnapshotTask(db: Db, runId: string, taskId: string): Promise<SnapshotTask | null> {
  const task = await snapshotTasks(db)
    .where('task.run_id', '=', runId)
    .where('task.task_id', '=', taskId)
    .executeTakeFirst();
  return task ?? null;
}

function snapshotTasks(db: Db) {
  return db
    .selectFrom('run_tasks as task')
    .leftJoin('configuration_versions as version', (join) =>
      join
        .onRef('version.configuration_id', '=', 'task.configuration_id')
        .onRef('version.version', '=', 'task.configuration_version'),
    )
    .selectAll('task')
    .select((eb) => eb.fn.coalesce('task.inline_configuration', 'version.content').as('configuration'));
}
