import { sql } from 'kysely';
import type { RunError, RunStatus, TaskError } from '../../domain/model/run';
import type { Db } from '../database';
import { releaseWaiting } from '../leases/release';

export type FinalStatus = Extract<RunStatus, 'success' | 'warning' | 'error' | 'cancelled' | 'terminated'>;

export interface FinishedRun {
  readonly status: RunStatus;
  /** The run of the same orchestration that has waited longest. */
  readonly nextRunId: string | null;
  /** The task that waits for the end of this run. */
  readonly parent: ParentTask | null;
  /** Lease keys that its tasks had; they can be handed on. */
  readonly releasedKeys: readonly string[];
}

/** A task whose work is a run, and the workflow that has to be told of that run's end. */
export interface ParentTask {
  readonly workflowId: string;
  readonly taskId: string;
}

/** How a run ended. */
export interface RunEnd {
  readonly status: FinalStatus;
  /** Why, where its tasks do not say it; those that were stopped for it say it too. */
  readonly error: RunError | null;
  /** What a task says that did not confirm in time that it has stopped. */
  readonly givenUp: TaskError;
}

/**
 * Writes the end of a run: tasks that never began are `notRun`, tasks that are still open are `terminated` with
 * an error. A run that ends as `terminated` before it began is `cancelled`: no work was done.
 * Idempotent: a run that has ended keeps its end.
 */
export async function finishRun(
  db: Db,
  runId: string,
  { status, error, givenUp }: RunEnd,
): Promise<FinishedRun> {
  return db.transaction().execute(async (trx) => {
    const run = await trx
      .selectFrom('runs')
      .select(['status', 'orchestration_id', 'started_at', 'finished_at'])
      .select(['parent_workflow_id', 'parent_task_id'])
      .where('id', '=', runId)
      .forUpdate()
      .executeTakeFirst();
    if (run === undefined) return { status, nextRunId: null, parent: null, releasedKeys: [] };
    const final = status === 'terminated' && run.started_at === null ? 'cancelled' : status;
    // Before the tasks are marked: what still works keeps its keys until the sweeper may be sure that it has stopped.
    const releasedKeys = await releaseWaiting(trx, runId);
    if (run.finished_at === null) {
      await sql`
        update run_tasks set
          status = case when started_at is null then 'notRun' else 'terminated' end,
          error = case
            when status = 'parked' then error
            when started_at is not null then ${JSON.stringify(givenUp)}::jsonb end,
          finished_at = case when started_at is null then null else now() end,
          progress = null
        where run_id = ${runId} and status in ('pending', 'waiting', 'processing', 'parked')`.execute(trx);
      if (error !== null) await explainStopped(trx, runId, error);
      await trx
        .updateTable('runs')
        .set({ status: final, error: JSON.stringify(error), finished_at: sql<Date>`now()` })
        .where('id', '=', runId)
        .execute();
    }
    const next = await trx
      .selectFrom('runs')
      .select('id')
      .where('orchestration_id', '=', run.orchestration_id)
      .where('status', 'in', ['created', 'waiting'])
      .orderBy('id')
      .limit(1)
      .executeTakeFirst();
    return {
      status: run.finished_at === null ? final : run.status,
      nextRunId: next?.id ?? null,
      parent: parentOf(run),
      releasedKeys,
    };
  });
}

/** Tasks that were stopped and have no error of their own were stopped because the run had to end. */
async function explainStopped(trx: Db, runId: string, error: RunError): Promise<void> {
  await sql`
    update run_tasks set error = ${JSON.stringify({ ...error, type: 'application' })}::jsonb
      || jsonb_build_object('attempt', attempt)
    where run_id = ${runId} and status = 'terminated' and error is null`.execute(trx);
}

function parentOf(run: {
  parent_workflow_id: string | null;
  parent_task_id: string | null;
}): ParentTask | null {
  if (run.parent_workflow_id === null || run.parent_task_id === null) return null;
  return { workflowId: run.parent_workflow_id, taskId: run.parent_task_id };
}
