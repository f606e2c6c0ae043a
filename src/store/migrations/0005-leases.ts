import { sql, type ColumnType, type Generated, type Kysely, type Migration } from 'kysely';
import type { StartedBy } from '../../domain/model/run';

/** Who may run what at the same time: limits and holds by key, what is taken, and who waits. */
export interface LeaseTables {
  limits: LimitsTable;
  leases: LeasesTable;
  lease_requests: LeaseRequestsTable;
}

type Nullable<T> = ColumnType<T | null, T | null | undefined, T | null>;

interface LimitsTable {
  key: string;
  /** Most tasks with this key at the same time; `null` for a hold without a limit. */
  max_running: Nullable<number>;
  hold_reason: Nullable<string>;
  hold_until: Nullable<Date>;
  held_by: ColumnType<StartedBy | null, string | null | undefined, string | null>;
  held_since: Nullable<Date>;
}

/** A task that has a key. It has all of its keys, or none. */
interface LeasesTable {
  key: string;
  run_id: string;
  task_id: string;
  /** Where the workflow waits that has to be told; `null` for a task that was running when the limit was made. */
  workflow_id: Nullable<string>;
  since: ColumnType<Date, Date | undefined, never>;
}

/** A task that waits for its keys. */
interface LeaseRequestsTable {
  /** Grows: of two requests of one priority, the smaller one is served first. */
  id: Generated<string>;
  run_id: string;
  task_id: string;
  keys: string[];
  /** Larger is served first. */
  priority: number;
  /** Where the workflow waits that has to be told. */
  workflow_id: string;
  since: ColumnType<Date, Date | undefined, never>;
}

export const leases: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table limits (
        key text primary key,
        max_running integer,
        hold_reason text,
        hold_until timestamptz,
        held_by jsonb,
        held_since timestamptz
      )`.execute(db);
    await sql`
      create table leases (
        key text not null,
        run_id text not null,
        task_id text not null,
        workflow_id text,
        since timestamptz not null default now(),
        primary key (key, run_id, task_id)
      )`.execute(db);
    await sql`create index leases_of_task on leases (run_id, task_id)`.execute(db);
    await sql`
      create table lease_requests (
        id bigint generated always as identity primary key,
        run_id text not null,
        task_id text not null,
        keys text[] not null,
        priority integer not null,
        workflow_id text not null,
        since timestamptz not null default now(),
        unique (run_id, task_id)
      )`.execute(db);
    await sql`create index lease_requests_by_key on lease_requests using gin (keys)`.execute(db);
    await sql`alter table runs add column priority integer not null default 0`.execute(db);
    await sql`alter table runs add column paused boolean not null default false`.execute(db);
    await sql`alter table runs add column pause_pending boolean not null default false`.execute(db);
    await sql`alter table run_tasks add column lease_keys text[] not null default '{}'`.execute(db);
    // Until this migration nothing was kept apart; what runs while it is made is left alone.
    await sql`
      update run_tasks set lease_keys =
        array_remove(array[case when configuration_id is not null then 'configuration:' || configuration_id end], null)
        || array['component:' || component_id]`.execute(db);
  },
};
