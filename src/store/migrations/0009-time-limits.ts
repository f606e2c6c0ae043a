import { sql, type Kysely, type Migration } from 'kysely';

/** Time-outs of runs, stops that were not delivered, phases that are tried again, and the queue of an orchestration among its many ended runs. */
export const timeLimits: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table runs
        add column timeout_minutes double precision,
        add column stop_pending boolean not null default false`.execute(db);
    await sql`
      create index runs_queue on runs (orchestration_id, id) where finished_at is null`.execute(db);
    await sql`create index runs_stop_pending on runs (id) where stop_pending`.execute(db);
    await sql`alter table run_tasks add column phase_attempt integer not null default 1`.execute(db);
  },
};
