import {
  sql,
  type ColumnType,
  type Generated,
  type JSONColumnType,
  type Kysely,
  type Migration,
} from 'kysely';
import type { TaskResult } from '../../domain/model/run';
import type { TableColumn } from '../../domain/model/table';

/** The catalog of table storage: which immutable files are which version of which table. */
export interface StorageTables {
  storage_tables: StorageTablesTable;
  storage_versions: StorageVersionsTable;
  storage_publications: StoragePublicationsTable;
  storage_pins: StoragePinsTable;
}

type Timestamp = ColumnType<Date, Date | undefined, Date>;

interface StorageTablesTable {
  id: string;
  current_version: string;
  /** Grows with each publish; the value that a publisher read must still be there when it writes. */
  seq: number;
  primary_key: JSONColumnType<readonly string[]>;
  last_import_at: Timestamp;
}

interface StorageVersionsTable {
  version: string;
  table_id: string;
  /** Paths of the Parquet files, relative to the table's folder. */
  parts: JSONColumnType<readonly string[]>;
  columns: JSONColumnType<readonly TableColumn[]>;
  rows: number;
  bytes: number;
  run_id: string | null;
  task_id: string | null;
  created_at: Timestamp;
}

interface StoragePublicationsTable {
  run_id: string;
  task_id: string;
  result: JSONColumnType<TaskResult>;
  warning: boolean;
  created_at: Generated<Date>;
}

interface StoragePinsTable {
  run_id: string;
  task_id: string;
  table_id: string;
  version: string;
}

export const tables: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table storage_tables (
        id text primary key,
        current_version text not null,
        seq integer not null,
        primary_key jsonb not null,
        last_import_at timestamptz not null default now()
      )`.execute(db);
    await sql`
      create table storage_versions (
        version text primary key,
        table_id text not null,
        parts jsonb not null,
        columns jsonb not null,
        rows double precision not null,
        bytes double precision not null,
        run_id text,
        task_id text,
        created_at timestamptz not null default now()
      )`.execute(db);
    await sql`create index storage_versions_of_table on storage_versions (table_id, version desc)`.execute(
      db,
    );
    await sql`
      create table storage_publications (
        run_id text not null,
        task_id text not null,
        result jsonb not null,
        warning boolean not null,
        created_at timestamptz not null default now(),
        primary key (run_id, task_id)
      )`.execute(db);
    await sql`
      create table storage_pins (
        run_id text not null,
        task_id text not null,
        table_id text not null,
        version text not null,
        primary key (run_id, task_id, table_id)
      )`.execute(db);
  },
};
