import { sql, type Kysely, type Migration } from 'kysely';

export const runs: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table runs (
        id text primary key,
        orchestration_id text not null,
        orchestration_name text not null,
        orchestration_version integer not null,
        status text not null,
        overlap text not null,
        started_by jsonb not null,
        parameters jsonb not null,
        phases jsonb not null,
        max_parallel_tasks integer,
        retry_of text,
        created_at timestamptz not null default now(),
        started_at timestamptz,
        finished_at timestamptz,
        temporal_run_id text,
        stop_grace_seconds double precision,
        changed_xid xid8 not null default pg_current_xact_id()
      )`.execute(db);
    await sql`create index runs_by_orchestration on runs (orchestration_id, id desc)`.execute(db);
    await sql`create index runs_open on runs (id) where finished_at is null`.execute(db);
    // One run of an orchestration at a time: the second one cannot become active while this index has the first.
    await sql`
      create unique index runs_one_active on runs (orchestration_id)
      where status in ('processing', 'terminating')`.execute(db);
    await createRunTasks(db);
    await announceChanges(db);
  },
};

async function createRunTasks(db: Kysely<unknown>): Promise<void> {
  await sql`
      create table run_tasks (
        run_id text not null references runs on delete cascade,
        task_id text not null,
        phase_index integer not null,
        position integer not null,
        name text not null,
        component_id text not null,
        configuration_id text,
        configuration_version integer,
        inline_configuration jsonb,
        action text not null,
        parameters jsonb not null,
        continue_on_failure boolean not null,
        timeout_minutes double precision,
        retry jsonb not null,
        status text not null,
        attempt integer not null default 0,
        failures integer not null default 0,
        started_at timestamptz,
        finished_at timestamptz,
        progress jsonb,
        result jsonb,
        error jsonb,
        job jsonb,
        claim text,
        changed_xid xid8 not null default pg_current_xact_id(),
        primary key (run_id, task_id)
      ) with (fillfactor = 50)`.execute(db);
  await sql`create index run_tasks_in_order on run_tasks (run_id, phase_index, position)`.execute(db);
  await sql`
      create table task_log (
        id bigint generated always as identity primary key,
        run_id text not null references runs on delete cascade,
        task_id text not null,
        attempt integer not null,
        logged_at timestamptz not null,
        level text not null,
        message text not null
      )`.execute(db);
  await sql`create index task_log_of_task on task_log (run_id, task_id, id)`.execute(db);
}

/**
 * Every write marks its row with its transaction, and says once per statement which runs it touched: ids only,
 * because a payload is limited to 8 kB. Listeners read what changed since the snapshot that they know.
 */
async function announceChanges(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function mark_changed() returns trigger language plpgsql as $$
    begin
      new.changed_xid := pg_current_xact_id();
      return new;
    end $$`.execute(db);
  await sql`
    create function announce_runs() returns trigger language plpgsql as $$
    begin
      perform pg_notify('run_changed', id) from (select distinct id from changed) as runs;
      return null;
    end $$`.execute(db);
  await sql`
    create function announce_run_tasks() returns trigger language plpgsql as $$
    begin
      perform pg_notify('run_tasks_changed', run_id) from (select distinct run_id from changed) as runs;
      return null;
    end $$`.execute(db);
  for (const table of ['runs', 'run_tasks']) {
    await sql`
      create trigger ${sql.ref(`${table}_changed`)} before update on ${sql.table(table)}
      for each row execute function mark_changed()`.execute(db);
    await sql`
      create trigger ${sql.ref(`${table}_announced`)} after update on ${sql.table(table)}
      referencing new table as changed
      for each statement execute function ${sql.ref(`announce_${table}`)}()`.execute(db);
  }
  await sql`
    create function announce_log_lines() returns trigger language plpgsql as $$
    begin
      perform pg_notify('task_log_grown', run_id) from (select distinct run_id from added) as runs;
      return null;
    end $$`.execute(db);
  await sql`
    create trigger task_log_announced after insert on task_log referencing new table as added
    for each statement execute function announce_log_lines()`.execute(db);
  await sql`
    create trigger runs_created after insert on runs referencing new table as changed
    for each statement execute function announce_runs()`.execute(db);
}
