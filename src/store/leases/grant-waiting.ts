import { sql } from 'kysely';
import { obstacleOf } from '../../domain/rules/lease-keys';
import type { Db } from '../database';
import { Standings } from './standing';

/** A waiting task that has got its keys, and the workflow that has to be told. */
export interface Granted {
  readonly runId: string;
  readonly taskId: string;
  readonly workflowId: string;
}

interface RequestRow {
  id: string;
  run_id: string;
  task_id: string;
  keys: string[];
  workflow_id: string;
}

const requestsAtOnce = 50;

/**
 * Hands out leases to tasks that wait for one of `keys`, in the order of the queue: a task gets all of its keys or
 * none, and one that has to wait on does not hold up those behind it that wait for other keys. To be called with
 * the lock of `withLeaseLock`. Tasks of runs that are paused or stopping are passed over.
 */
export async function grantWaiting(trx: Db, keys: readonly string[]): Promise<readonly Granted[]> {
  const standings = new Standings();
  await standings.read(trx, keys);
  const obstructed = new Set(keys.filter((key) => obstacleOf(key, standings.of(key)) !== null));
  const granted: RequestRow[] = [];
  for (;;) {
    const open = keys.filter((key) => !obstructed.has(key));
    if (open.length === 0) break;
    const requests = await readRequests(trx, open, { without: [...obstructed], notIn: granted });
    if (requests.length === 0) break;
    await standings.read(
      trx,
      requests.flatMap((request) => request.keys),
    );
    for (const request of requests) {
      const obstacle = request.keys.find((key) => obstacleOf(key, standings.of(key)) !== null);
      if (obstacle === undefined) {
        standings.take(request.keys);
        granted.push(request);
      } else obstructed.add(obstacle);
    }
  }
  await writeLeases(trx, granted);
  return granted.map((row) => ({ runId: row.run_id, taskId: row.task_id, workflowId: row.workflow_id }));
}

async function readRequests(
  trx: Db,
  keys: readonly string[],
  { without, notIn }: { without: readonly string[]; notIn: readonly RequestRow[] },
): Promise<readonly RequestRow[]> {
  const { rows } = await sql<RequestRow>`
    select request.id, request.run_id, request.task_id, request.keys, request.workflow_id
    from lease_requests as request
    join runs on runs.id = request.run_id
    where request.keys && ${keys}::text[] and not request.keys && ${without}::text[]
      and request.id != all(${notIn.map((row) => row.id)}::bigint[])
      and runs.status = 'processing' and not runs.paused
    order by request.priority desc, request.id
    limit ${requestsAtOnce}`.execute(trx);
  return rows;
}

async function writeLeases(trx: Db, granted: readonly RequestRow[]): Promise<void> {
  if (granted.length === 0) return;
  await trx
    .insertInto('leases')
    .values(
      granted.flatMap(({ keys, run_id, task_id, workflow_id }) =>
        keys.map((key) => ({ key, run_id, task_id, workflow_id })),
      ),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await trx
    .deleteFrom('lease_requests')
    .where(
      'id',
      'in',
      granted.map((row) => row.id),
    )
    .execute();
}
