import { sql } from 'kysely';
import type { TaskError, TaskResult, TaskStatus } from '../../domain/model/run';
import { Batcher } from '../batcher';
import type { Db } from '../database';
import { type LogLine, insertingLines } from '../task-log';
import type { AttemptRequest } from './attempt-answer';

export interface TaskEnd extends AttemptRequest {
  readonly status: Extract<TaskStatus, 'success' | 'warning' | 'error' | 'terminated' | 'parked'>;
  /** The workflow that waits for the decision on a parked task. */
  readonly workflowId: string;
  readonly result: TaskResult | null;
  readonly error: TaskError | null;
  /** The last lines of the task's log: they are there when the end is. */
  readonly log: readonly LogLine[];
}

/**
 * Records how tasks ended, and gives back what they had; many at once share one statement. Answers whether the end
 * was taken: not when the task has ended already, nor when a newer attempt has claimed it.
 *
 * @param onReleased is told which lease keys have become free.
 */
export function createEndRecorder(
  db: Db,
  onReleased: (keys: readonly string[]) => void,
): (end: TaskEnd) => Promise<boolean> {
  const batcher = new Batcher((ends: readonly TaskEnd[]) => recordEnds(db, ends, onReleased));
  return (end) => batcher.add(end);
}

async function recordEnds(
  db: Db,
  ends: readonly TaskEnd[],
  onReleased: (keys: readonly string[]) => void,
): Promise<readonly boolean[]> {
  const { rows } = await sql<{ claim: string | null; key: string | null }>`
    with logged as (${insertingLines(ends.flatMap((end) => end.log))}),
    ended as (
      update run_tasks as task set
        status = ending.status,
        finished_at = case when ending.status != 'parked' then now() end,
        parked_at = case when ending.status = 'parked' then now() end,
        parked_workflow_id = case when ending.status = 'parked' then ending.workflow_id end,
        result = ending.result::jsonb,
        error = ending.error::jsonb,
        failures = task.failures + (ending.status in ('error', 'parked'))::int,
        progress = null
      from unnest(
        ${ends.map((end) => end.runId)}::text[],
        ${ends.map((end) => end.taskId)}::text[],
        ${ends.map((end) => end.claim)}::text[],
        ${ends.map((end) => end.status)}::text[],
        ${ends.map((end) => toJson(end.result))}::text[],
        ${ends.map((end) => toJson(end.error))}::text[],
        ${ends.map((end) => end.workflowId)}::text[]
      ) as ending (run_id, task_id, claim, status, result, error, workflow_id)
      where task.run_id = ending.run_id and task.task_id = ending.task_id
        and task.claim = ending.claim and task.status = 'processing'
      returning task.run_id, task.task_id, task.claim
    ),
    released as (
      delete from leases using ended
      where leases.run_id = ended.run_id and leases.task_id = ended.task_id
      returning leases.key
    )
    select claim, null as key from ended
    union all
    select distinct null, key from released
  `.execute(db);
  const keys = rows.flatMap((row) => row.key ?? []);
  if (keys.length > 0) onReleased(keys);
  const taken = new Set(rows.map((row) => row.claim));
  return ends.map((end) => taken.has(end.claim));
}

function toJson(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
