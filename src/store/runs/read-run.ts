import { sql, type ExpressionBuilder, type Selectable } from 'kysely';
import type { RunStatus } from '../../domain/model/run';
import type { Db } from '../database';
import type { Database } from '../schema';

export type RunRow = Selectable<Database['runs']>;
export type RunTaskRow = Selectable<Database['run_tasks']>;

/** What is needed to show a task; its configuration and its claim stay inside. */
const shownColumns = [
  'task_id',
  'phase_index',
  'position',
  'name',
  'component_id',
  'configuration_id',
  'status',
  'attempt',
  'started_at',
  'finished_at',
  'progress',
  'result',
  'error',
  'changed_xid',
  'reused_from',
  'parked_at',
  'resolution',
  'nested_run_id',
  'phase_attempt',
] as const;
export type ShownTask = Pick<RunTaskRow, (typeof shownColumns)[number]>;

/** A run with its tasks, and the mark from which later changes are read. */
export interface RunSnapshot {
  readonly run: RunRow;
  readonly tasks: readonly ShownTask[];
  /** Everything that was written by transactions before this one is in the snapshot. */
  readonly mark: string;
}

/**
 * Reads a run and its tasks, or, with `since`, only the tasks that changed after that mark.
 * `null` when there is no such run.
 */
export async function readRun(db: Db, runId: string, since?: string): Promise<RunSnapshot | null> {
  // The run first: its tasks, read a moment later, are at least as new, and what is newer than the mark is read again.
  const run = await db
    .selectFrom('runs')
    .selectAll()
    .select(sql<string>`pg_snapshot_xmin(pg_current_snapshot())`.as('mark'))
    .where('id', '=', runId)
    .executeTakeFirst();
  if (run === undefined) return null;
  const tasks = await db
    .selectFrom('run_tasks')
    .select(shownColumns)
    .where('run_id', '=', runId)
    .$if(since !== undefined, (query) => query.where('changed_xid', '>=', since ?? ''))
    .orderBy('phase_index')
    .orderBy('position')
    .execute();
  return { run, tasks, mark: run.mark };
}

/** These runs, in the order of their start. */
export async function findRunRows(db: Db, runIds: readonly string[]): Promise<readonly RunRow[]> {
  return db.selectFrom('runs').selectAll().where('id', 'in', runIds).orderBy('id').execute();
}

export interface RunQuery {
  readonly orchestrationId?: string | undefined;
  readonly status?: RunStatus | undefined;
  readonly startedBy?: string | undefined;
  /** Only runs nested in this one. */
  readonly parentRunId?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Only runs older than this one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Runs, newest first. */
export async function listRuns(db: Db, query: RunQuery): Promise<readonly RunRow[]> {
  return db
    .selectFrom('runs')
    .selectAll()
    .where((eb) => eb.and(conditionsOf(eb, query)))
    .orderBy('id', 'desc')
    .limit(query.limit)
    .execute();
}

function conditionsOf(eb: ExpressionBuilder<Database, 'runs'>, query: RunQuery) {
  const { orchestrationId, status, startedBy, parentRunId, from, to, before } = query;
  return [
    ...(orchestrationId === undefined ? [] : [eb('orchestration_id', '=', orchestrationId)]),
    ...(status === undefined ? [] : [eb('status', '=', status)]),
    ...(startedBy === undefined
      ? []
      : [sql<boolean>`(started_by->>'id' = ${startedBy} or started_by->>'name' = ${startedBy})`]),
    ...(parentRunId === undefined ? [] : [eb('parent_run_id', '=', parentRunId)]),
    ...(from === undefined ? [] : [eb('created_at', '>=', from)]),
    ...(to === undefined ? [] : [eb('created_at', '<', to)]),
    ...(before === undefined ? [] : [eb('id', '<', before)]),
  ];
}

/** What stands before a waiting run: runs of its orchestration that go on, and how many wait before it. */
export async function readQueueBefore(
  db: Db,
  run: { id: string; orchestration_id: string },
): Promise<{ readonly active: readonly string[]; readonly waiting: number }> {
  const { active, waiting } = await db
    .selectFrom('runs')
    .select(
      sql<string[]>`coalesce(array_agg(id order by id) filter (where started_at is not null), '{}')`.as(
        'active',
      ),
    )
    .select(sql<number>`count(*) filter (where started_at is null)::int`.as('waiting'))
    .where('orchestration_id', '=', run.orchestration_id)
    .where('finished_at', 'is', null)
    .where('id', '!=', run.id)
    .where((eb) => eb.or([eb('id', '<', run.id), eb('started_at', 'is not', null)]))
    .executeTakeFirstOrThrow();
  return { active, waiting };
}
