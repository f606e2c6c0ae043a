import { sql } from 'kysely';
import type { Db } from '../database';

export interface TaskName {
  readonly id: string;
  readonly name: string;
}

/** The tasks of a phase that are to run, in order, from `offset`, at most `size` of them. The set is fixed when the attempt of the phase begins. */
export async function loadPlannedTasks(
  db: Db,
  slice: { runId: string; phaseIndex: number; attempt: number; offset: number; size: number },
): Promise<readonly TaskName[]> {
  return db
    .selectFrom('run_tasks')
    .select(['task_id as id', 'name'])
    .where('run_id', '=', slice.runId)
    .where('phase_index', '=', slice.phaseIndex)
    .where('phase_attempt', '>=', slice.attempt)
    .$if(slice.attempt === 1, (query) =>
      // Skipped by a person, a task was to run all the same.
      query.where((eb) => eb.or([eb('status', '!=', 'skipped'), eb('resolution', 'is not', null)])),
    )
    .orderBy('position')
    .offset(slice.offset)
    .limit(slice.size)
    .execute();
}

/** How many tasks of each phase are to run, by the phase's index. */
export async function countPlannedTasks(db: Db, runId: string): Promise<ReadonlyMap<number, number>> {
  const rows = await db
    .selectFrom('run_tasks')
    .select(['phase_index', sql<number>`count(*)::int`.as('size')])
    .where('run_id', '=', runId)
    .where('status', '!=', 'skipped')
    .groupBy('phase_index')
    .execute();
  return new Map(rows.map((row) => [row.phase_index, row.size]));
}
