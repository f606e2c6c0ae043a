import { sql, type Kysely, type Migration } from 'kysely';

/** Tasks that failed for good and wait for a person. */
export const parked: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table run_tasks
        add column on_exhausted text not null default 'fail',
        add column parked_at timestamptz,
        add column parked_workflow_id text,
        add column resolution jsonb,
        add column resolution_pending boolean not null default false`.execute(db);
    await sql`create index run_tasks_resolved on run_tasks (run_id) where resolution_pending`.execute(db);
  },
};
