import { Migrator, type Migration } from 'kysely';
import type { Db } from './database';
import { definitions } from './migrations/0001-definitions';
import { runs } from './migrations/0002-runs';
import { tables } from './migrations/0003-tables';
import { idempotency } from './migrations/0004-idempotency';
import { leases } from './migrations/0005-leases';
import { retries } from './migrations/0006-retries';
import { parked } from './migrations/0007-parked';
import { nestedRuns } from './migrations/0008-nested-runs';
import { timeLimits } from './migrations/0009-time-limits';

/** In order; a migration that was released is never changed. */
const migrations: Record<string, Migration> = {
  '0001-definitions': definitions,
  '0002-runs': runs,
  '0003-tables': tables,
  '0004-idempotency': idempotency,
  '0005-leases': leases,
  '0006-retries': retries,
  '0007-parked': parked,
  '0008-nested-runs': nestedRuns,
  '0009-time-limits': timeLimits,
};

/** Brings the database to the newest schema. Idempotent; several processes may call it at once (Kysely takes a lock). */
export async function migrate(db: Db): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined)
    throw new Error('The database could not be brought to the newest schema.', { cause: error });
}
