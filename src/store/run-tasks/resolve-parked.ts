import { sql } from 'kysely';
import type { JsonObject } from '../../domain/model/json';
import type { Resolution, ResolveAction, TaskStatus } from '../../domain/model/run';
import { parkedForDays } from '../../domain/rules/parked';
import type { Db } from '../database';
import type { TaskKey } from './attempt-answer';

export interface ResolveRequest extends TaskKey {
  readonly resolution: Resolution;
  /** Win over the values that the task had; only for `retry`. */
  readonly parameters: JsonObject;
  /** What the task is kept apart from others by, with these parameters. */
  readonly leaseKeys: readonly string[];
  /** Only if it was parked at this moment, to the millisecond. */
  readonly parkedAt?: Date | undefined;
}

/** How a person's decision ends a parked task; `retry` lets it begin anew. */
const statusAfter: Record<ResolveAction, TaskStatus> = {
  retry: 'pending',
  skip: 'skipped',
  succeed: 'success',
  fail: 'error',
};

/**
 * Writes down what a person has decided of a parked task. Answers the workflow that has to be told, or how the task
 * stands when it is not parked, or `null` when there is none: of two people one decides.
 */
export async function resolveParked(
  db: Db,
  { runId, taskId, resolution, parameters, leaseKeys, parkedAt }: ResolveRequest,
): Promise<{ readonly workflowId: string } | { readonly status: TaskStatus } | null> {
  const isRetry = resolution.action === 'retry';
  const resolved = await db
    .updateTable('run_tasks')
    .set({
      status: statusAfter[resolution.action],
      resolution: JSON.stringify(resolution),
      resolution_pending: true,
      ...(isRetry
        ? {
            parameters: sql<string>`parameters || ${JSON.stringify(parameters)}::jsonb`,
            lease_keys: [...leaseKeys],
            ...{
              started_at: null,
              failures: 0,
              attempt: 0,
              error: null,
              job: null,
              claim: null,
              nested_run_id: null,
            },
          }
        : { finished_at: sql<Date>`now()` }),
    })
    .where('run_id', '=', runId)
    .where('task_id', '=', taskId)
    .where('status', '=', 'parked')
    .$if(parkedAt !== undefined, (query) =>
      query.where(sql`date_trunc('milliseconds', parked_at)`, '=', parkedAt ?? null),
    )
    .returning('parked_workflow_id')
    .executeTakeFirst();
  if (resolved !== undefined) return { workflowId: resolved.parked_workflow_id ?? runId };
  const task = await db
    .selectFrom('run_tasks')
    .select('status')
    .where('run_id', '=', runId)
    .where('task_id', '=', taskId)
    .executeTakeFirst();
  return task === undefined ? null : { status: task.status };
}

/** The workflow has been told of a decision. */
export async function confirmResolved(db: Db, { runId, taskId }: TaskKey): Promise<void> {
  await db
    .updateTable('run_tasks')
    .set({ resolution_pending: false })
    .where('run_id', '=', runId)
    .where('task_id', '=', taskId)
    .execute();
}

/** Decisions of which the workflow has not been told yet. */
export async function listUntoldResolutions(db: Db) {
  return db
    .selectFrom('run_tasks')
    .select(['run_id as runId', 'task_id as taskId', 'parked_workflow_id as workflowId'])
    .where('resolution_pending', '=', true)
    .limit(1_000)
    .execute();
}

/** Fails a parked task that nobody has decided on in time. Answers whether it did. */
export async function expireParked(db: Db, { runId, taskId }: TaskKey): Promise<boolean> {
  const expired = await db
    .updateTable('run_tasks')
    .set({ status: 'error', finished_at: sql<Date>`now()` })
    .where('run_id', '=', runId)
    .where('task_id', '=', taskId)
    .where('status', '=', 'parked')
    .where('parked_at', '<=', sql<Date>`now() - make_interval(days => ${parkedForDays})`)
    .executeTakeFirst();
  return expired.numUpdatedRows > 0n;
}
