import type { Db } from '../database';

/** Ends the waiting of a run's tasks; answers the keys that are free now. */
export async function releaseWaiting(trx: Db, runId: string): Promise<readonly string[]> {
  await trx.deleteFrom('lease_requests').where('run_id', '=', runId).execute();
  return releaseUnstarted(trx, runId);
}

/** Takes away what tasks of a run have that have not begun. They ask again when they are to begin. */
export async function releaseUnstarted(trx: Db, runId: string): Promise<readonly string[]> {
  const released = await trx
    .deleteFrom('leases')
    .using('run_tasks as task')
    .whereRef('task.run_id', '=', 'leases.run_id')
    .whereRef('task.task_id', '=', 'leases.task_id')
    .where('leases.run_id', '=', runId)
    .where('task.status', 'in', ['pending', 'waiting'])
    .returning('leases.key')
    .execute();
  return [...new Set(released.map((row) => row.key))];
}

/** The keys that waiting tasks of a run wait for. */
export async function keysWaitedFor(trx: Db, runId: string): Promise<readonly string[]> {
  const requests = await trx
    .selectFrom('lease_requests')
    .select('keys')
    .where('run_id', '=', runId)
    .execute();
  return [...new Set(requests.flatMap((request) => request.keys))];
}
