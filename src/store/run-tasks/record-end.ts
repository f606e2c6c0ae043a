import { sql } from 'kysely';
import type { TaskError, TaskResult, TaskStatus } from '../../domain/model/run';
import { Batcher } from '../batcher';
import type { Db } from '../database';
import { type LogLine, insertingLines } from '../task-log';
import type { AttemptRequest } from './start-attempt';

export interface TaskEnd extends AttemptRequest {
  readonly status: Extract<TaskStatus, 'success' | 'warning' | 'error' | 'terminated'>;
  readonly result: TaskResult | null;
  readonly error: TaskError | null;
  /** The last lines of the task's log: they are there when the end is. */
  readonly log: readonly LogLine[];
}

/**
 * Records how tasks ended; many at once share one statement. Answers whether the end was taken: not when the
 * task has ended already, nor when a newer attempt has claimed it.
 */
export function createEndRecorder(db: Db): (end: TaskEnd) => Promise<boolean> {
  const batcher = new Batcher((ends: readonly TaskEnd[]) => recordEnds(db, ends));
  return (end) => batcher.add(end);
}

async function recordEnds(db: Db, ends: readonly TaskEnd[]): Promise<readonly boolean[]> {
  const { rows } = await sql<{ claim: string }>`
    with logged as (${insertingLines(ends.flatMap((end) => end.log))})
    update run_tasks as task set
      status = ending.status,
      finished_at = now(),
      result = ending.result::jsonb,
      error = ending.error::jsonb,
      failures = task.failures + (ending.status = 'error')::int,
      progress = null
    from unnest(
      ${ends.map((end) => end.runId)}::text[],
      ${ends.map((end) => end.taskId)}::text[],
      ${ends.map((end) => end.claim)}::text[],
      ${ends.map((end) => end.status)}::text[],
      ${ends.map((end) => toJson(end.result))}::text[],
      ${ends.map((end) => toJson(end.error))}::text[]
    ) as ending (run_id, task_id, claim, status, result, error)
    where task.run_id = ending.run_id and task.task_id = ending.task_id
      and task.claim = ending.claim and task.status = 'processing'
    returning task.claim
  `.execute(db);
  const taken = new Set(rows.map((row) => row.claim));
  return ends.map((end) => taken.has(end.claim));
}

function toJson(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
