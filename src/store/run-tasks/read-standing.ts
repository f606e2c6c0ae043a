import type { RunStatus, TaskStatus } from '../../domain/model/run';
import type { Db } from '../database';

/** The status of a task and of its run; `null` when there is no such task. */
export async function readTaskStanding(
  db: Db,
  { runId, taskId }: { readonly runId: string; readonly taskId: string },
): Promise<{ readonly task: TaskStatus; readonly run: RunStatus } | null> {
  const row = await db
    .selectFrom('run_tasks')
    .innerJoin('runs', 'runs.id', 'run_tasks.run_id')
    .select(['run_tasks.status as task', 'runs.status as run'])
    .where('run_id', '=', runId)
    .where('task_id', '=', taskId)
    .executeTakeFirst();
  return row ?? null;
}
