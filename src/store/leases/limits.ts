import { sql } from 'kysely';
import type { Limit } from '../../domain/model/limit';
import type { StartedBy } from '../../domain/model/run';
import type { Db } from '../database';
import { withLeaseLock } from './lease-lock';
import { countRunning } from './sweep';

/** Sets how many tasks with a key may run at the same time; `null` takes the limit away. What runs already goes on. */
export async function setLimit(db: Db, key: string, maxRunning: number | null): Promise<void> {
  await withLeaseLock(db, async (trx) => {
    await trx
      .insertInto('limits')
      .values({ key, max_running: maxRunning })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ max_running: maxRunning }))
      .execute();
    await countRunning(trx);
  });
}

export interface NewHold {
  readonly reason: string;
  readonly until: Date | null;
  readonly by: StartedBy;
}

/** Nothing with this key starts from now on; a second hold replaces the first one. */
export async function setHold(db: Db, key: string, { reason, until, by }: NewHold): Promise<void> {
  const hold = {
    hold_reason: reason,
    hold_until: until,
    held_by: JSON.stringify(by),
    held_since: new Date(),
  };
  await withLeaseLock(db, (trx) =>
    trx
      .insertInto('limits')
      .values({ key, ...hold })
      .onConflict((conflict) => conflict.column('key').doUpdateSet(hold))
      .execute(),
  );
}

/** Ends a hold. Answers whether there was one. */
export async function endHold(db: Db, key: string): Promise<boolean> {
  return withLeaseLock(db, async (trx) => {
    const ended = await trx
      .updateTable('limits')
      .set({ held_since: null, hold_until: null, hold_reason: null, held_by: null })
      .where('key', '=', key)
      .where('held_since', 'is not', null)
      .executeTakeFirst();
    return ended.numUpdatedRows > 0n;
  });
}

/** Keys with a limit, a hold, running or waiting tasks; all of them, or one. In the order of their names. */
export async function readLimits(db: Db, key: string | null): Promise<readonly Limit[]> {
  const { rows } = await sql<LimitRow>`
    with waiting as (
      select key, count(*)::int as waiting from lease_requests, unnest(keys) as key group by key
    ), running as (
      select key, jsonb_agg(jsonb_build_object('runId', run_id, 'taskId', task_id, 'since', since) order by since) as running
      from leases group by key
    ), known as (
      select key from limits union select key from waiting union select key from running
    )
    select known.key, limits.max_running, limits.hold_reason, limits.hold_until, limits.held_by, limits.held_since,
      coalesce(running.running, '[]') as running, coalesce(waiting.waiting, 0) as waiting
    from known
    left join limits using (key) left join waiting using (key) left join running using (key)
    where ${key}::text is null or known.key = ${key}
    order by known.key collate "C"`.execute(db);
  return rows.map(toLimit);
}

interface LimitRow {
  key: string;
  max_running: number | null;
  hold_reason: string | null;
  hold_until: Date | null;
  held_by: StartedBy | null;
  held_since: Date | null;
  running: { runId: string; taskId: string; since: string }[];
  waiting: number;
}

function toLimit(row: LimitRow): Limit {
  return {
    key: row.key,
    maxRunning: row.max_running,
    hold: toHold(row),
    running: row.running.map(({ since, ...task }) => ({ ...task, since: new Date(since).toISOString() })),
    waiting: row.waiting,
  };
}

function toHold({ hold_reason, hold_until, held_by, held_since }: LimitRow): Limit['hold'] {
  if (held_since === null || held_by === null) return null;
  if (hold_until !== null && hold_until <= new Date()) return null;
  return {
    reason: hold_reason ?? '',
    until: hold_until?.toISOString() ?? null,
    by: held_by,
    since: held_since.toISOString(),
  };
}
