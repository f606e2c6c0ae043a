import { sql } from 'kysely';
import type { Db } from '../database';
import { grantWaiting, type Granted } from './grant-waiting';
import { withLeaseLock } from './lease-lock';

/** A task that has its keys for so long and has not begun was perhaps not told. */
const tellAgainAfterSeconds = 5;

/**
 * The end of a task that did not end by itself says nothing of its work, e.g. when its run was terminated in Temporal:
 * its worker hears of it with the next heartbeat, and stops the work then.
 */
const worksOnForSeconds = 15;

/**
 * Puts right what a crash has left: leases and requests of tasks that are over are removed, holds whose time is up
 * end, running tasks are counted for limits that are younger than they, what is free is handed on. Answers the tasks
 * to be told. Idempotent.
 *
 * @param afterSeconds how long ago a task must have ended whose keys are taken away.
 */
export async function sweepLeases(db: Db, afterSeconds = worksOnForSeconds): Promise<readonly Granted[]> {
  return withLeaseLock(db, async (trx) => {
    await removeLeftOver(trx, afterSeconds);
    await endHolds(trx);
    await countRunning(trx);
    const { rows } = await sql<{ key: string }>`
      select distinct key from lease_requests, unnest(keys) as key`.execute(trx);
    const granted = await grantWaiting(
      trx,
      rows.map((row) => row.key),
    );
    return [...granted, ...(await readUntold(trx))];
  });
}

async function removeLeftOver(trx: Db, afterSeconds: number): Promise<void> {
  for (const table of ['leases', 'lease_requests']) {
    await sql`
      delete from ${sql.table(table)} as taken where not exists (
        select from run_tasks as task join runs on runs.id = task.run_id
        where task.run_id = taken.run_id and task.task_id = taken.task_id
          and (task.status in ('pending', 'waiting', 'processing') and runs.finished_at is null
            or task.finished_at > now() - make_interval(secs => ${afterSeconds})))`.execute(trx);
  }
}

async function endHolds(trx: Db): Promise<void> {
  await sql`
    update limits set held_since = null, hold_until = null, hold_reason = null, held_by = null
    where hold_until <= now()`.execute(trx);
  await sql`delete from limits where max_running is null and held_since is null`.execute(trx);
}

/** A task that began before its limit was made has no lease of it yet. */
export async function countRunning(trx: Db): Promise<void> {
  await sql`
    insert into leases (key, run_id, task_id, since)
    select limits.key, task.run_id, task.task_id, task.started_at
    from limits
    join runs on runs.finished_at is null
    join run_tasks as task on task.run_id = runs.id and limits.key = any (task.lease_keys)
    where task.status = 'processing'
    on conflict do nothing`.execute(trx);
}

async function readUntold(trx: Db): Promise<readonly Granted[]> {
  const { rows } = await sql<{ run_id: string; task_id: string; workflow_id: string }>`
    select distinct leases.run_id, leases.task_id, leases.workflow_id
    from leases
    join run_tasks as task on task.run_id = leases.run_id and task.task_id = leases.task_id
    join runs on runs.id = leases.run_id
    where task.status in ('pending', 'waiting') and leases.workflow_id is not null and not runs.paused
      and leases.since < now() - make_interval(secs => ${tellAgainAfterSeconds})`.execute(trx);
  return rows.map((row) => ({ runId: row.run_id, taskId: row.task_id, workflowId: row.workflow_id }));
}
