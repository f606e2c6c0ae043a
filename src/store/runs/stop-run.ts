import { sql } from 'kysely';
import type { RunStatus } from '../../domain/model/run';
import type { Db } from '../database';

/**
 * Writes down that a run is to stop: one that has not begun is `cancelled` at once, a running one becomes
 * `terminating`. Answers the status before; `null` when there is no such run. A run that has ended stays as it is.
 */
export async function requestStop(db: Db, runId: string, graceSeconds: number): Promise<RunStatus | null> {
  return db.transaction().execute(async (trx) => {
    const run = await trx
      .selectFrom('runs')
      .select(['status'])
      .where('id', '=', runId)
      .forUpdate()
      .executeTakeFirst();
    if (run === undefined) return null;
    if (run.status === 'created' || run.status === 'waiting') {
      await trx
        .updateTable('runs')
        .set({
          ...{ status: 'cancelled', finished_at: sql<Date>`now()` },
          ...{ stop_grace_seconds: graceSeconds, stop_pending: true },
        })
        .where('id', '=', runId)
        .execute();
      await trx
        .updateTable('run_tasks')
        .set({ status: 'notRun' })
        .where('run_id', '=', runId)
        .where('status', '=', 'pending')
        .execute();
    } else if (run.status === 'processing') {
      await trx
        .updateTable('runs')
        .set({ status: 'terminating', stop_grace_seconds: graceSeconds, stop_pending: true })
        .where('id', '=', runId)
        .execute();
    }
    return run.status;
  });
}

/** The workflow has been told. */
export async function confirmStop(db: Db, runId: string): Promise<void> {
  await db.updateTable('runs').set({ stop_pending: false }).where('id', '=', runId).execute();
}

/** Runs that are to stop, or were stopped before they began, and whose workflow has not been told. */
export async function listUntoldStops(db: Db) {
  return db
    .selectFrom('runs')
    .select(['id', 'stop_grace_seconds as graceSeconds'])
    .where('stop_pending', '=', true)
    .limit(1_000)
    .execute();
}
