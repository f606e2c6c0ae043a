import { sql } from 'kysely';
import type { RunStatus } from '../../domain/model/run';
import type { Db } from '../database';

/** How a nested run stands, for the task that waits for it. */
export interface NestedRunRow {
  readonly orchestrationName: string;
  readonly status: RunStatus;
  /** The first failed tasks, as "name: message". */
  readonly failures: readonly string[];
  /** How long its parent has to stop; `null` while nobody asked it to. */
  readonly parentGraceSeconds: number | null;
}

const mostFailures = 3;

/** `null` when there is no such run. */
export async function findNestedRun(db: Db, runId: string): Promise<NestedRunRow | null> {
  const run = await db
    .selectFrom('runs')
    .leftJoin('runs as parent', 'parent.id', 'runs.parent_run_id')
    .select(['runs.orchestration_name as orchestrationName', 'runs.status'])
    .select('parent.stop_grace_seconds as parentGraceSeconds')
    .where('runs.id', '=', runId)
    .executeTakeFirst();
  if (run === undefined) return null;
  const { rows } = await sql<{ failure: string }>`
    select name || coalesce(': ' || (error->>'message'), '') as failure
    from run_tasks where run_id = ${runId} and status = 'error'
    order by phase_index, position limit ${mostFailures}`.execute(db);
  return { ...run, failures: rows.map((row) => row.failure) };
}

/** A run above another one, nearest first. */
export interface AncestorRow {
  readonly runId: string;
  readonly orchestrationId: string;
  readonly orchestrationName: string;
}

/** A run and the runs that it is nested in, nearest first. */
export async function listLineage(db: Db, runId: string): Promise<readonly AncestorRow[]> {
  const { rows } = await sql<AncestorRow>`
    with recursive lineage as (
      select id, orchestration_id, orchestration_name, parent_run_id, 0 as distance
      from runs where id = ${runId}
      union all
      select runs.id, runs.orchestration_id, runs.orchestration_name, runs.parent_run_id, lineage.distance + 1
      from runs join lineage on runs.id = lineage.parent_run_id
    )
    select id as "runId", orchestration_id as "orchestrationId", orchestration_name as "orchestrationName"
    from lineage order by distance`.execute(db);
  return rows;
}

/** Runs nested directly in a run that have not ended. */
export async function listOpenNestedRuns(db: Db, runId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('runs')
    .select('id')
    .where('parent_run_id', '=', runId)
    .where('finished_at', 'is', null)
    .execute();
  return rows.map((row) => row.id);
}

/** Open runs whose parent has ended and that nobody has asked to stop yet. */
export async function listAbandonedRuns(db: Db): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('runs')
    .innerJoin('runs as parent', 'parent.id', 'runs.parent_run_id')
    .select('runs.id')
    .where('runs.finished_at', 'is', null)
    .where('runs.status', '!=', 'terminating')
    .where('parent.finished_at', 'is not', null)
    .execute();
  return rows.map((row) => row.id);
}

/** Every run below a run, those nested deeper too, in the order in which they were started. */
export async function listDescendants(db: Db, runId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    with recursive below as (
      select id from runs where parent_run_id = ${runId}
      union all
      select runs.id from runs join below on runs.parent_run_id = below.id
    )
    select id from below order by id`.execute(db);
  return rows.map((row) => row.id);
}
