import { sql } from 'kysely';
import type { Db } from '../database';
import { grantWaiting, type Granted } from './grant-waiting';
import { withLeaseLock } from './lease-lock';

export interface LeaseRequest {
  readonly runId: string;
  readonly taskId: string;
  /** Where the workflow waits, in case it has to. */
  readonly workflowId: string;
}

export interface Taken {
  /** Requests that have their keys now; the others wait. */
  readonly own: readonly LeaseRequest[];
  /** Tasks that waited before and got theirs on this occasion. */
  readonly others: readonly Granted[];
}

/**
 * Asks for the keys of tasks: each gets all of its own, or joins the queue and is `waiting`. Newcomers queue behind
 * those who wait for the same key. Idempotent: a task is in the queue once.
 */
export async function takeLeases(db: Db, requests: readonly LeaseRequest[]): Promise<Taken> {
  return withLeaseLock(db, async (trx) => {
    const keys = await enqueue(trx, requests);
    const granted = await grantWaiting(trx, keys);
    const names = new Set(granted.map(nameOf));
    const own = requests.filter((request) => names.has(nameOf(request)));
    const ownNames = new Set(own.map(nameOf));
    await markWaiting(
      trx,
      requests.filter((request) => !ownNames.has(nameOf(request))),
    );
    return { own, others: granted.filter((task) => !ownNames.has(nameOf(task))) };
  });
}

async function enqueue(trx: Db, requests: readonly LeaseRequest[]): Promise<readonly string[]> {
  const { rows } = await sql<{ keys: string[] }>`
    with asked as (
      select run_id, task_id, workflow_id, place
      from unnest(
        ${requests.map((request) => request.runId)}::text[],
        ${requests.map((request) => request.taskId)}::text[],
        ${requests.map((request) => request.workflowId)}::text[]
      ) with ordinality as asked (run_id, task_id, workflow_id, place)
    ), queued as (
      insert into lease_requests (run_id, task_id, keys, priority, workflow_id)
      select asked.run_id, asked.task_id, task.lease_keys, runs.priority, asked.workflow_id
      from asked
      join run_tasks as task on task.run_id = asked.run_id and task.task_id = asked.task_id
      join runs on runs.id = asked.run_id
      where task.status in ('pending', 'waiting')
      order by asked.place
      on conflict (run_id, task_id) do nothing
    )
    select distinct task.lease_keys as keys
    from asked join run_tasks as task on task.run_id = asked.run_id and task.task_id = asked.task_id`.execute(
    trx,
  );
  return [...new Set(rows.flatMap((row) => row.keys))];
}

async function markWaiting(trx: Db, requests: readonly LeaseRequest[]): Promise<void> {
  if (requests.length === 0) return;
  await sql`
    update run_tasks as task set status = 'waiting'
    from unnest(
      ${requests.map((request) => request.runId)}::text[],
      ${requests.map((request) => request.taskId)}::text[]
    ) as asked (run_id, task_id)
    where task.run_id = asked.run_id and task.task_id = asked.task_id and task.status = 'pending'`.execute(
    trx,
  );
}

function nameOf({ runId, taskId }: { readonly runId: string; readonly taskId: string }): string {
  return `${runId} ${taskId}`;
}
