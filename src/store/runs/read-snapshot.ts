import type { Selectable } from 'kysely';
import type { Db } from '../database';
import type { Database } from '../schema';

/** Everything that is kept of a run, configurations included: what a retry is made from. */
export interface RunSnapshotRows {
  readonly run: Selectable<Database['runs']>;
  /** In the order of phases and positions. */
  readonly tasks: readonly Selectable<Database['run_tasks']>[];
}

/** `null` when there is no such run. */
export async function readSnapshot(db: Db, runId: string): Promise<RunSnapshotRows | null> {
  const run = await db.selectFrom('runs').selectAll().where('id', '=', runId).executeTakeFirst();
  if (run === undefined) return null;
  const tasks = await db
    .selectFrom('run_tasks')
    .selectAll()
    .where('run_id', '=', runId)
    .orderBy('phase_index')
    .orderBy('position')
    .execute();
  return { run, tasks };
}
