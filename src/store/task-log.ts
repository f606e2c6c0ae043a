import { type RawBuilder, sql } from 'kysely';
import { Batcher } from './batcher';
import type { Db } from './database';

export interface LogLine {
  readonly runId: string;
  readonly taskId: string;
  readonly attempt: number;
  readonly at: Date;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
}

export interface StoredLogLine extends Omit<LogLine, 'runId' | 'taskId'> {
  /** Grows with time; the cursor for the next read. */
  readonly id: string;
}

/** Appends lines of task logs; lines of many tasks share one statement. */
export function createLogAppender(db: Db): (lines: readonly LogLine[]) => Promise<void> {
  const batcher = new Batcher(async (batch: readonly (readonly LogLine[])[]) => {
    await appendLog(db, batch.flat());
    return batch.map(() => undefined);
  });
  return (lines) => batcher.add(lines);
}

/** Appends lines of task logs. Lines of many tasks in one statement. */
export async function appendLog(db: Db, lines: readonly LogLine[]): Promise<void> {
  if (lines.length > 0) await insertingLines(lines).execute(db);
}

/** The statement that appends lines, to be executed alone or as a part of another one. */
export function insertingLines(lines: readonly LogLine[]): RawBuilder<unknown> {
  return sql`
    insert into task_log (run_id, task_id, attempt, logged_at, level, message)
    select * from unnest(
      ${lines.map((line) => line.runId)}::text[],
      ${lines.map((line) => line.taskId)}::text[],
      ${lines.map((line) => line.attempt)}::integer[],
      ${lines.map((line) => line.at)}::timestamptz[],
      ${lines.map((line) => line.level)}::text[],
      ${lines.map((line) => line.message)}::text[]
    )`;
}

/** Lines of a task's log after the line `afterId`, oldest first, at most 1,000. */
export async function readLog(
  db: Db,
  task: { runId: string; taskId: string; attempt: number | null },
  afterId: string,
): Promise<readonly StoredLogLine[]> {
  const rows = await db
    .selectFrom('task_log')
    .select(['id', 'attempt', 'logged_at', 'level', 'message'])
    .where('run_id', '=', task.runId)
    .where('task_id', '=', task.taskId)
    .where('id', '>', afterId)
    .$if(task.attempt !== null, (query) => query.where('attempt', '=', task.attempt ?? 0))
    .orderBy('id')
    .limit(1_000)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    attempt: row.attempt,
    at: row.logged_at,
    level: row.level as LogLine['level'],
    message: row.message,
  }));
}
