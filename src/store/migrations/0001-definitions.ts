import {
  sql,
  type ColumnType,
  type Generated,
  type JSONColumnType,
  type Kysely,
  type Migration,
} from 'kysely';
import type { JsonObject } from '../../domain/model/json';
import type { Orchestration } from '../../domain/model/orchestration';

/** What people edit, as stored: the head row has the current version's number, the versions are immutable. */
export interface DefinitionTables {
  configurations: ConfigurationsTable;
  configuration_versions: ConfigurationVersionsTable;
  orchestrations: OrchestrationsTable;
  orchestration_versions: OrchestrationVersionsTable;
}

/** Set by the database where it is not given. */
type Timestamp = ColumnType<Date, Date | undefined, Date>;

interface ConfigurationsTable {
  id: string;
  component_id: string;
  version: number;
  created_at: Timestamp;
  updated_at: Timestamp;
  /** When it was moved to the trash. */
  deleted_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

interface ConfigurationVersionsTable {
  configuration_id: string;
  version: number;
  name: string;
  description: string;
  enabled: boolean;
  /** Values of keys that begin with `#` are encrypted. */
  content: JSONColumnType<JsonObject>;
  author: string;
  note: Generated<string>;
  created_at: Timestamp;
}

interface OrchestrationsTable {
  id: string;
  name: string;
  enabled: boolean;
  version: number;
  created_at: Timestamp;
  updated_at: Timestamp;
  deleted_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

/** An orchestration without what the head row has. */
export type OrchestrationContent = Omit<Orchestration, 'id' | 'version' | 'createdAt' | 'updatedAt'>;

interface OrchestrationVersionsTable {
  orchestration_id: string;
  version: number;
  /** Secrets of inline configurations are encrypted. */
  content: JSONColumnType<OrchestrationContent>;
  author: string;
  note: Generated<string>;
  created_at: Timestamp;
}

export const definitions: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table configurations (
        id text primary key,
        component_id text not null,
        version integer not null,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        deleted_at timestamptz
      )`.execute(db);
    await sql`create index configurations_by_component on configurations (component_id, id desc)`.execute(db);
    await sql`
      create table configuration_versions (
        configuration_id text not null references configurations on delete cascade,
        version integer not null,
        name text not null,
        description text not null,
        enabled boolean not null,
        content jsonb not null,
        author text not null,
        note text not null default '',
        created_at timestamptz not null default now(),
        primary key (configuration_id, version)
      )`.execute(db);
    await sql`
      create table orchestrations (
        id text primary key,
        name text not null,
        enabled boolean not null,
        version integer not null,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        deleted_at timestamptz
      )`.execute(db);
    await sql`
      create table orchestration_versions (
        orchestration_id text not null references orchestrations on delete cascade,
        version integer not null,
        content jsonb not null,
        author text not null,
        note text not null default '',
        created_at timestamptz not null default now(),
        primary key (orchestration_id, version)
      )`.execute(db);
  },
};
