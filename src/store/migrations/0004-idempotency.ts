import { sql, type ColumnType, type Kysely, type Migration } from 'kysely';

/** Answers of starts that carried an `Idempotency-Key`, so that a repeat is answered the same and starts nothing. */
export interface IdempotencyTables {
  idempotency_keys: IdempotencyKeysTable;
}

interface IdempotencyKeysTable {
  /** Who asked, and what for. */
  scope: string;
  key: string;
  body_sha256: string;
  /** The answer; `null` while the first request is under way. */
  status: ColumnType<number | null, number | null | undefined, number | null>;
  headers: ColumnType<Record<string, string> | null, string | null | undefined, string | null>;
  body: ColumnType<string | null, string | null | undefined, string | null>;
  created_at: ColumnType<Date, Date | undefined, Date>;
}

export const idempotency: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table idempotency_keys (
        scope text not null,
        key text not null,
        body_sha256 text not null,
        status integer,
        headers jsonb,
        body text,
        created_at timestamptz not null default now(),
        primary key (scope, key)
      )`.execute(db);
    await sql`create index idempotency_keys_by_age on idempotency_keys (created_at)`.execute(db);
  },
};
