import { sql, type Selectable } from 'kysely';
import { errorCodeOf } from '../../domain/errors';
import type { RunStatus } from '../../domain/model/run';
import type { Db } from '../database';
import type { RunPhaseSnapshot } from '../run-tables';
import type { Database } from '../schema';

/** Where a run that wants to begin stands. `missing`: its start was taken back. */
export type RunStanding =
  | {
      readonly kind: 'begun';
      readonly phases: readonly RunPhaseSnapshot[];
      readonly maxParallelTasks: number | null;
      readonly timeoutMinutes: number | null;
      readonly isPaused: boolean;
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
  if (begun !== undefined) return toBegun(begun);
  const run = await db
    .selectFrom('runs')
    .select(['status', ...planColumns])
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
      .returning(planColumns)
      .executeTakeFirst();
  } catch (error) {
    if (errorCodeOf(error) === uniqueViolation) return undefined;
    throw error;
  }
}

const planColumns = ['phases', 'max_parallel_tasks', 'timeout_minutes', 'paused'] as const;
type PlanRow = Pick<Selectable<Database['runs']>, (typeof planColumns)[number]>;

function toBegun(run: PlanRow): RunStanding {
  return {
    kind: 'begun',
    phases: run.phases,
    maxParallelTasks: run.max_parallel_tasks,
    timeoutMinutes: run.timeout_minutes,
    isPaused: run.paused,
  };
}

async function standingOf(
  db: Db,
  runId: string,
  run: PlanRow & { readonly status: RunStatus },
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
      return toBegun(run);
    case 'cancelled':
    case 'terminated':
    case 'success':
    case 'warning':
    case 'error':
      return { kind: 'cancelled' };
  }
}
