import { sql, type Kysely, type Migration } from 'kysely';

/** Time-outs of runs, phases that are tried again, and the queue of an orchestration among its many ended runs. */
export const timeLimits: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table runs add column timeout_minutes double precision`.execute(db);
    await sql`
      create index runs_queue on runs (orchestration_id, id) where finished_at is null`.execute(db);
    await sql`alter table run_tasks add column phase_attempt integer not null default 1`.execute(db);
  },
};
