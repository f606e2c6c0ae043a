import { sql, type Kysely, type Migration } from 'kysely';

/** Time-outs of runs, and phases that are tried again. */
export const timeLimits: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table runs add column timeout_minutes double precision`.execute(db);
    await sql`alter table run_tasks add column phase_attempt integer not null default 1`.execute(db);
  },
};
