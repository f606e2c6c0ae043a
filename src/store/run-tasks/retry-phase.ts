import { sql } from 'kysely';
import type { Db } from '../database';

/**
 * Lets the failed tasks of a phase begin anew; left out are those whose failure is tolerated, or decided by a person. Answers how many they are.
 * Idempotent by `attempt`.
 */
export async function retryPhase(
  db: Db,
  { runId, phaseIndex, attempt }: { runId: string; phaseIndex: number; attempt: number },
): Promise<number> {
  await db
    .updateTable('run_tasks')
    .set({
      ...{ status: 'pending', phase_attempt: attempt, started_at: null, finished_at: null, failures: 0 },
      ...{ attempt: 0, error: null, job: null, nested_run_id: null, claim: null },
    })
    .where('run_id', '=', runId)
    .where('phase_index', '=', phaseIndex)
    .where('status', '=', 'error')
    .where('continue_on_failure', '=', false)
    .where(sql<boolean>`resolution->>'action' is distinct from 'fail'`)
    .where('phase_attempt', '<', attempt)
    .execute();
  const { count } = await db
    .selectFrom('run_tasks')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('run_id', '=', runId)
    .where('phase_index', '=', phaseIndex)
    .where('phase_attempt', '=', attempt)
    .executeTakeFirstOrThrow();
  return count;
}
