import type { Insertable } from 'kysely';
import { sql } from 'kysely';
import { ConflictError } from '../../domain/errors';
import type { Db } from '../database';
import type { Database } from '../schema';

export type NewRun = Insertable<Database['runs']>;
export type NewRunTask = Insertable<Database['run_tasks']>;

const rowsPerInsert = 1_000;

/** A run that stands in the way of another start of its orchestration. */
export interface OpenRun {
  readonly id: string;
  readonly status: string;
}

/**
 * Writes a run and its tasks, whole or not at all.
 *
 * @param admit looks at the open runs of the orchestration, oldest first, while no other start of it can come
 * between; it throws to refuse the start.
 */
export async function createRun(
  db: Db,
  run: NewRun,
  tasks: readonly NewRunTask[],
  admit: (open: readonly OpenRun[]) => void,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`start:${run.orchestration_id}`}, 0))`.execute(
      trx,
    );
    const open = await trx
      .selectFrom('runs')
      .select(['id', 'status'])
      .where('orchestration_id', '=', run.orchestration_id)
      .where('finished_at', 'is', null)
      .orderBy('id')
      .execute();
    admit(open);
    await trx
      .insertInto('runs')
      .values({ ...run, ...(await inheritFromParent(trx, run)) })
      .execute();
    for (let from = 0; from < tasks.length; from += rowsPerInsert) {
      await trx
        .insertInto('run_tasks')
        .values(tasks.slice(from, from + rowsPerInsert))
        .execute();
    }
  });
}

/** A nested run is paused when its parent is, and at least as urgent; the parent's row is locked, so that a pause of it is not missed. */
async function inheritFromParent(trx: Db, run: NewRun): Promise<Partial<NewRun>> {
  const parentRunId = run.parent_run_id;
  if (parentRunId === null || parentRunId === undefined) return {};
  const parent = await trx
    .selectFrom('runs')
    .select(['paused', 'priority', 'status'])
    .where('id', '=', parentRunId)
    .forShare()
    .executeTakeFirst();
  if (parent?.status !== 'processing') {
    throw new ConflictError(`Run ${parentRunId} is not under way; nothing is started for it.`, {
      code: 'PARENT_ENDED',
    });
  }
  return { paused: parent.paused, priority: Math.max(parent.priority, run.priority ?? 0) };
}

/** Takes back a run that Temporal never heard of. A run that has begun meanwhile stays. */
export async function withdrawRun(db: Db, runId: string): Promise<boolean> {
  const result = await db
    .deleteFrom('runs')
    .where('id', '=', runId)
    .where('status', 'in', ['created', 'waiting'])
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}
