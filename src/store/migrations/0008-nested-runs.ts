import { sql, type Kysely, type Migration } from 'kysely';

/** Runs that are tasks of other runs, and why a run ended that did not end by itself. */
export const nestedRuns: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table runs
        add column parent_run_id text,
        add column parent_task_id text,
        add column parent_workflow_id text,
        add column error jsonb`.execute(db);
    await sql`create index runs_by_parent on runs (parent_run_id) where parent_run_id is not null`.execute(
      db,
    );
    await sql`alter table run_tasks add column nested_run_id text`.execute(db);
  },
};
