import { sql } from 'kysely';
import type { JsonObject } from '../../domain/model/json';
import type { RetryPolicy } from '../../domain/model/orchestration';
import type { TaskError, TaskStatus } from '../../domain/model/run';
import { Batcher } from '../batcher';
import type { Db } from '../database';

export interface TaskKey {
  readonly runId: string;
  readonly taskId: string;
}

export interface AttemptRequest extends TaskKey {
  /** A value that no other attempt has. */
  readonly claim: string;
}

/** Everything that an attempt needs to know of its task, pinned when the run was created. */
export interface StartedAttempt {
  readonly kind: 'started';
  readonly componentId: string;
  readonly configurationId: string | null;
  /** Secrets encrypted. `null` when the saved version is gone. */
  readonly configuration: JsonObject | null;
  readonly action: string;
  /** The run's values over the task's over the orchestration's defaults. */
  readonly parameters: JsonObject;
  readonly continueOnFailure: boolean;
  readonly timeoutMinutes: number | null;
  readonly retry: RetryPolicy;
  /** Failures of the work so far. */
  readonly failures: number;
  /** The start of the first attempt. */
  readonly startedAt: Date;
  readonly job: JsonObject | null;
}

/** The task has ended before: an answer to Temporal was lost, or the run is over. */
export interface EndedTask {
  readonly kind: 'ended';
  readonly status: TaskStatus;
  readonly continueOnFailure: boolean;
  readonly error: TaskError | null;
}

export interface MissingTask {
  readonly kind: 'missing';
}

export type AttemptAnswer = StartedAttempt | EndedTask | MissingTask;

/**
 * Starts attempts of tasks: marks them as processing and answers what they need. Many at once share one
 * statement. Idempotent: a repeated start takes the claim over and keeps the first start's time.
 */
export function createAttemptStarter(db: Db): (request: AttemptRequest) => Promise<AttemptAnswer> {
  const batcher = new Batcher((requests: readonly AttemptRequest[]) => startAttempts(db, requests));
  return (request) => batcher.add(request);
}

interface StartedRow {
  run_id: string;
  task_id: string;
  component_id: string;
  configuration_id: string | null;
  inline_configuration: JsonObject | null;
  content: JsonObject | null;
  action: string;
  parameters: JsonObject;
  continue_on_failure: boolean;
  timeout_minutes: number | null;
  retry: RetryPolicy;
  failures: number;
  started_at: Date;
  job: JsonObject | null;
}

async function startAttempts(db: Db, requests: readonly AttemptRequest[]): Promise<readonly AttemptAnswer[]> {
  const { rows } = await sql<StartedRow>`
    with started as (
      update run_tasks as task set
        status = 'processing',
        started_at = coalesce(task.started_at, now()),
        attempt = task.failures + 1,
        claim = request.claim
      from unnest(
        ${requests.map((request) => request.runId)}::text[],
        ${requests.map((request) => request.taskId)}::text[],
        ${requests.map((request) => request.claim)}::text[]
      ) as request (run_id, task_id, claim)
      where task.run_id = request.run_id and task.task_id = request.task_id
        and task.status in ('pending', 'processing')
      returning task.*
    )
    select started.*, version.content
    from started
    left join configuration_versions as version
      on version.configuration_id = started.configuration_id and version.version = started.configuration_version
  `.execute(db);
  const started = new Map(rows.map((row) => [keyOf(row.run_id, row.task_id), toStartedAttempt(row)]));
  const others = requests.filter((request) => !started.has(keyOf(request.runId, request.taskId)));
  const ended = others.length === 0 ? new Map<string, EndedTask>() : await readEnded(db, others);
  return requests.map((request) => {
    const key = keyOf(request.runId, request.taskId);
    return started.get(key) ?? ended.get(key) ?? { kind: 'missing' };
  });
}

async function readEnded(db: Db, keys: readonly TaskKey[]): Promise<ReadonlyMap<string, EndedTask>> {
  const rows = await db
    .selectFrom('run_tasks')
    .select(['run_id', 'task_id', 'status', 'continue_on_failure', 'error'])
    .where('run_id', 'in', [...new Set(keys.map((key) => key.runId))])
    .where('task_id', 'in', [...new Set(keys.map((key) => key.taskId))])
    .execute();
  return new Map(
    rows.map((row) => [
      keyOf(row.run_id, row.task_id),
      { kind: 'ended', status: row.status, continueOnFailure: row.continue_on_failure, error: row.error },
    ]),
  );
}

function toStartedAttempt(row: StartedRow): StartedAttempt {
  return {
    kind: 'started',
    componentId: row.component_id,
    configurationId: row.configuration_id,
    configuration: row.inline_configuration ?? row.content,
    action: row.action,
    parameters: row.parameters,
    continueOnFailure: row.continue_on_failure,
    timeoutMinutes: row.timeout_minutes,
    retry: row.retry,
    failures: row.failures,
    startedAt: row.started_at,
    job: row.job,
  };
}

function keyOf(runId: string, taskId: string): string {
  return `${runId} ${taskId}`;
}
