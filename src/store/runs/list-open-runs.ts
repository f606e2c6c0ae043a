import { sql } from 'kysely';
import type { Db } from '../database';

const pageSize = 1_000;

/** Runs that have not ended and are older than `createdBefore`, oldest first. */
export async function* listOpenRuns(db: Db, createdBefore: Date): AsyncIterable<OpenRunRow> {
  let after = '';
  for (;;) {
    const page = await readPage(db, createdBefore, after);
    yield* page;
    const last = page.at(-1);
    if (page.length < pageSize || last === undefined) return;
    after = last.id;
  }
}

function readPage(db: Db, createdBefore: Date, after: string) {
  return db
    .selectFrom('runs')
    .select([
      'id',
      'status',
      'orchestration_id',
      'orchestration_name',
      'started_by',
      'paused',
      'pause_pending',
    ])
    .where('finished_at', 'is', null)
    .where('created_at', '<', createdBefore)
    .where('id', '>', after)
    .orderBy('id')
    .limit(pageSize)
    .execute();
}

export type OpenRunRow = Awaited<ReturnType<typeof readPage>>[number];

/** Waiting runs that nothing stands before. */
export async function listRunsInTurn(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string; status: string }>`
    select distinct on (orchestration_id) id, status from runs
    where finished_at is null
    order by orchestration_id, started_at is null, id`.execute(db);
  return rows.filter(({ status }) => status === 'waiting').map(({ id }) => id);
}
