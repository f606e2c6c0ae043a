import type { Db } from '../database';

/** Runs that have not ended and are older than `createdBefore`, oldest first, at most 1,000. */
export async function listOpenRuns(db: Db, createdBefore: Date) {
  return db
    .selectFrom('runs')
    .select([
      'id',
      'status',
      'orchestration_id',
      'orchestration_name',
      'started_by',
      'stop_grace_seconds',
      'paused',
      'pause_pending',
    ])
    .where('finished_at', 'is', null)
    .where('created_at', '<', createdBefore)
    .orderBy('id')
    .limit(1_000)
    .execute();
}

export type OpenRunRow = Awaited<ReturnType<typeof listOpenRuns>>[number];
