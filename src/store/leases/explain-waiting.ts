import { sql } from 'kysely';
import type { WaitingFor } from '../../domain/model/run';
import { obstacleOf } from '../../domain/rules/lease-keys';
import type { Db } from '../database';
import { Standings } from './standing';

const mostHolders = 20;

interface RequestRow {
  task_id: string;
  keys: string[];
  /** Place in the queue of each key, 1 is next. */
  places: Record<string, number>;
  since: Date;
}

/** What the waiting tasks of a run wait for, by task. */
export async function explainWaiting(db: Db, runId: string): Promise<ReadonlyMap<string, WaitingFor>> {
  const rows = await readRequests(db, runId);
  if (rows.length === 0) return new Map();
  const keys = rows.flatMap((row) => row.keys);
  const standings = new Standings();
  await standings.read(db, keys);
  const holders = await readHolders(db, keys);
  return new Map(
    rows.map((row) => {
      const obstructed = row.keys.find((each) => obstacleOf(each, standings.of(each)) !== null);
      const key = obstructed ?? row.keys[0] ?? '';
      const waitingFor: WaitingFor = {
        kind: obstacleOf(key, standings.of(key)) ?? 'limit',
        key,
        holders: holders.get(key) ?? [],
        position: row.places[key] ?? 1,
        since: row.since.toISOString(),
      };
      return [row.task_id, waitingFor];
    }),
  );
}

async function readRequests(db: Db, runId: string): Promise<readonly RequestRow[]> {
  const { rows } = await sql<RequestRow>`
    with own as (
      select * from lease_requests where run_id = ${runId}
    ), places as (
      select request.id, key,
        row_number() over (partition by key order by request.priority desc, request.id) as place
      from lease_requests as request, unnest(request.keys) as key
      where key in (select unnest(keys) from own)
    )
    select own.task_id, own.keys, own.since,
      (select jsonb_object_agg(places.key, places.place) from places where places.id = own.id) as places
    from own`.execute(db);
  return rows;
}

async function readHolders(
  db: Db,
  keys: readonly string[],
): Promise<ReadonlyMap<string, WaitingFor['holders']>> {
  const { rows } = await sql<{ key: string; holders: WaitingFor['holders'] }>`
    select key, jsonb_agg(jsonb_build_object('runId', run_id, 'taskId', task_id) order by since) as holders
    from (
      select *, row_number() over (partition by key order by since) as place
      from leases where key = any (${[...new Set(keys)]}::text[])
    ) as numbered
    where place <= ${mostHolders}
    group by key`.execute(db);
  return new Map(rows.map((row) => [row.key, row.holders]));
}
