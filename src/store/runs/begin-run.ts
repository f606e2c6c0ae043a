import { errorCodeOf } from '../../domain/errors';
import { sql } from 'kysely';
import type { RunStatus } from '../../domain/model/run';
import type { Db } from '../database';

/** Where a run that wants to begin stands. `missing`: its start was taken back. */
export type RunStanding =
  | {
      readonly kind: 'begun';
      readonly phases: readonly { id: string; name: string }[];
      readonly maxParallelTasks: number | null;
    }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'missing' };

/** Two runs of one orchestration became active at the same instant; the index let one through. */
const uniqueViolation = '23505';

/**
 * Makes a run active, when no other run of its orchestration is active or was there before it.
 * Idempotent: a run that is active already is answered as begun.
 *
 * @param temporalRunId Temporal's id of the execution that asks.
 */
export async function beginRun(db: Db, runId: string, temporalRunId: string): Promise<RunStanding> {
  const begun = await tryToBegin(db, runId, temporalRunId);
  if (begun !== undefined)
    return { kind: 'begun', phases: begun.phases, maxParallelTasks: begun.max_parallel_tasks };
  const run = await db
    .selectFrom('runs')
    .select(['status', 'phases', 'max_parallel_tasks'])
    .where('id', '=', runId)
    .executeTakeFirst();
  if (run === undefined) return { kind: 'missing' };
  return standingOf(db, runId, run);
}

async function tryToBegin(db: Db, runId: string, temporalRunId: string) {
  try {
    return await db
      .updateTable('runs')
      .set({ status: 'processing', started_at: sql<Date>`now()`, temporal_run_id: temporalRunId })
      .where('id', '=', runId)
      .where('status', 'in', ['created', 'waiting'])
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('runs as other')
              .select('other.id')
              .whereRef('other.orchestration_id', '=', 'runs.orchestration_id')
              .where('other.finished_at', 'is', null)
              .where((eb) =>
                eb.or([
                  eb('other.status', 'in', ['processing', 'terminating']),
                  eb('other.id', '<', eb.ref('runs.id')),
                ]),
              ),
          ),
        ),
      )
      .returning(['phases', 'max_parallel_tasks'])
      .executeTakeFirst();
  } catch (error) {
    if (errorCodeOf(error) === uniqueViolation) return undefined;
    throw error;
  }
}

async function standingOf(
  db: Db,
  runId: string,
  run: {
    status: RunStatus;
    phases: { id: string; name: string }[] | readonly { id: string; name: string }[];
    max_parallel_tasks: number | null;
  },
): Promise<RunStanding> {
  switch (run.status) {
    case 'created':
    case 'waiting':
      await db
        .updateTable('runs')
        .set({ status: 'waiting' })
        .where('id', '=', runId)
        .where('status', '=', 'created')
        .execute();
      return { kind: 'waiting' };
    case 'processing':
    case 'terminating':
      return { kind: 'begun', phases: run.phases, maxParallelTasks: run.max_parallel_tasks };
    case 'cancelled':
    case 'terminated':
    case 'success':
    case 'warning':
    case 'error':
      return { kind: 'cancelled' };
  }
}
