import { sql, type Kysely, type Migration } from 'kysely';

/** Tasks of a retry whose result of an earlier run stands. */
export const retries: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table run_tasks add column reused_from text`.execute(db);
  },
};
