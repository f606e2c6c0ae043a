import { sql } from 'kysely';
import type { Db } from '../database';

/** Any number that no other advisory lock of the product has. */
const leaseLock = 7_310_255;

/**
 * Does something with leases while nobody else does. One lock for all of them: it is held for some milliseconds,
 * many tasks share it, and with it every count is exact and nobody can wait for each other.
 */
export function withLeaseLock<T>(db: Db, work: (trx: Db) => Promise<T>): Promise<T> {
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${leaseLock})`.execute(trx);
    return work(trx);
  });
}
