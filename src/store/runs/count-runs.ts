import { sql } from 'kysely';
import type { RunStatus } from '../../domain/model/run';
import type { Db } from '../database';

/** Runs that have not ended, and those that ended within a day, by status. */
export async function countRunsByStatus(db: Db): Promise<ReadonlyMap<RunStatus, number>> {
  const rows = await db
    .selectFrom('runs')
    .select(['status', sql<number>`count(*)::int`.as('count')])
    .where((eb) =>
      eb.or([eb('finished_at', 'is', null), eb('finished_at', '>', sql<Date>`now() - interval '1 day'`)]),
    )
    .groupBy('status')
    .execute();
  return new Map(rows.map((row) => [row.status, row.count]));
}
