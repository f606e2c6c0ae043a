import type { RunStatus } from '../../domain/model/run';
import type { Db } from '../database';
import { withLeaseLock } from '../leases/lease-lock';
import { keysWaitedFor, releaseUnstarted } from '../leases/release';

export interface PauseOutcome {
  /** `null` when there is no such run. */
  readonly status: RunStatus | null;
  /** Lease keys that can be handed on. */
  readonly releasedKeys: readonly string[];
}

/**
 * Writes down that a run is paused, or that it goes on. A run that is over or is being stopped stays as it is. Tasks
 * of a paused run that have not begun give back what they were granted.
 */
export async function setPaused(db: Db, runId: string, isPaused: boolean): Promise<PauseOutcome> {
  return withLeaseLock(db, async (trx) => {
    const run = await trx
      .selectFrom('runs')
      .select(['status'])
      .where('id', '=', runId)
      .forUpdate()
      .executeTakeFirst();
    if (run === undefined) return { status: null, releasedKeys: [] };
    const changed = await trx
      .updateTable('runs')
      .set({ paused: isPaused, pause_pending: true })
      .where('id', '=', runId)
      .where('paused', '!=', isPaused)
      .where('status', 'in', ['created', 'waiting', 'processing'])
      .executeTakeFirst();
    if (changed.numUpdatedRows === 0n) return { status: run.status, releasedKeys: [] };
    const releasedKeys = isPaused ? await releaseUnstarted(trx, runId) : await keysWaitedFor(trx, runId);
    return { status: run.status, releasedKeys };
  });
}

/** The workflow has been told. */
export async function confirmPaused(db: Db, runId: string, isPaused: boolean): Promise<void> {
  await db
    .updateTable('runs')
    .set({ pause_pending: false })
    .where('id', '=', runId)
    .where('paused', '=', isPaused)
    .execute();
}
