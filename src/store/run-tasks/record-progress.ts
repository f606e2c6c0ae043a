import { sql } from 'kysely';
import type { JsonObject } from '../../domain/model/json';
import type { TaskError, TaskProgress } from '../../domain/model/run';
import type { Db } from '../database';
import type { AttemptRequest } from './attempt-answer';

/** A failure of the work after which the task is tried again. Counts once per claim. */
export async function recordFailure(db: Db, attempt: AttemptRequest, error: TaskError): Promise<void> {
  await ofAttempt(db, attempt)
    .set({
      failures: sql<number>`failures + 1`,
      error: JSON.stringify(error),
      job: null,
      nested_run_id: null,
      progress: null,
      claim: null,
    })
    .execute();
}

/** Remembers what finds a remote job again. Written before the job is looked at for the first time. */
export async function recordJob(db: Db, attempt: AttemptRequest, job: JsonObject): Promise<void> {
  await ofAttempt(db, attempt)
    .set({ job: JSON.stringify(job) })
    .execute();
}

/** Remembers the run that is a task's work, before it is started. Answers whether the attempt still has the task. */
export async function recordNestedRun(
  db: Db,
  attempt: AttemptRequest,
  nestedRunId: string,
): Promise<boolean> {
  const recorded = await ofAttempt(db, attempt).set({ nested_run_id: nestedRunId }).executeTakeFirst();
  return recorded.numUpdatedRows > 0n;
}

export async function recordProgress(db: Db, attempt: AttemptRequest, progress: TaskProgress): Promise<void> {
  await ofAttempt(db, attempt)
    .set({ progress: JSON.stringify(progress) })
    .execute();
}

function ofAttempt(db: Db, { runId, taskId, claim }: AttemptRequest) {
  return db
    .updateTable('run_tasks')
    .where('run_id', '=', runId)
    .where('task_id', '=', taskId)
    .where('claim', '=', claim)
    .where('status', '=', 'processing');
}
