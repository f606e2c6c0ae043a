import { sql } from 'kysely';
import type { JsonObject } from '../../domain/model/json';
import type { RetryPolicy } from '../../domain/model/orchestration';
import { Batcher } from '../batcher';
import { isFinishedTask } from '../../domain/rules/statuses';
import type { Db } from '../database';
import type { Granted } from '../leases/grant-waiting';
import { takeLeases } from '../leases/take-leases';
import type { AttemptAnswer, AttemptRequest, StartRequest, StartedAttempt, TaskKey } from './attempt-answer';

interface AttemptDatabases {
  readonly db: Db;
  /** For the statement that every task needs. */
  readonly preparedDb: Db;
}

/**
 * Starts attempts of tasks: marks them as processing and answers what they need. Many at once share one
 * statement; only tasks that have to be kept apart from others cost a second one. Idempotent: a repeated start
 * takes the claim over and keeps the first start's time.
 *
 * @param onGranted is told of other tasks that got their turn on the way.
 */
export function createAttemptStarter(
  databases: AttemptDatabases,
  onGranted: (granted: readonly Granted[]) => void,
): (request: StartRequest) => Promise<AttemptAnswer> {
  const batcher = new Batcher((requests: readonly StartRequest[]) =>
    startAttempts(databases, requests, onGranted),
  );
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
  on_exhausted: 'fail' | 'park';
  failures: number;
  started_at: Date;
  job: JsonObject | null;
  nested_run_id: string | null;
}

async function startAttempts(
  databases: AttemptDatabases,
  requests: readonly StartRequest[],
  onGranted: (granted: readonly Granted[]) => void,
): Promise<readonly AttemptAnswer[]> {
  const answers = await markStarted(databases.preparedDb, requests);
  const left = requests.filter((request) => !answers.has(nameOf(request)));
  if (left.length > 0) {
    for (const [name, answer] of await startTheRest(databases, left, onGranted)) answers.set(name, answer);
  }
  return requests.map((request) => answers.get(nameOf(request)) ?? { kind: 'missing' });
}

/** Tasks that have ended, or that need leases. */
async function startTheRest(
  { db, preparedDb }: AttemptDatabases,
  requests: readonly StartRequest[],
  onGranted: (granted: readonly Granted[]) => void,
): Promise<ReadonlyMap<string, AttemptAnswer>> {
  const found = await readEnded(db, requests);
  const open = requests.filter((request) => found.get(nameOf(request))?.kind === 'waiting');
  if (open.length === 0) return found;
  const { own, others } = await takeLeases(db, open);
  onGranted(others);
  const names = new Set(own.map(nameOf));
  const started = await markStarted(
    preparedDb,
    open.filter((request) => names.has(nameOf(request))),
  );
  return new Map([...found, ...started]);
}

/** Starts those that need no lease, or that have theirs. */
async function markStarted(db: Db, requests: readonly AttemptRequest[]): Promise<Map<string, AttemptAnswer>> {
  if (requests.length === 0) return new Map();
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
        and (task.status = 'processing' or task.status in ('pending', 'waiting') and (
          exists (select from leases where leases.run_id = task.run_id and leases.task_id = task.task_id)
          or (task.configuration_id is null or task.lease_keys = '{}')
            and not exists (select from limits where limits.key = any (task.lease_keys))))
      returning task.*
    )
    select started.*, version.content
    from started
    left join configuration_versions as version
      on version.configuration_id = started.configuration_id and version.version = started.configuration_version
  `.execute(db);
  return new Map(
    rows.map((row) => [nameOf({ runId: row.run_id, taskId: row.task_id }), toStartedAttempt(row)]),
  );
}

/** Those that have ended or are parked; the others wait, unless there is no such task. */
async function readEnded(db: Db, keys: readonly TaskKey[]): Promise<ReadonlyMap<string, AttemptAnswer>> {
  const rows = await db
    .selectFrom('run_tasks')
    .select(['run_id', 'task_id', 'status', 'continue_on_failure', 'error'])
    .where('run_id', 'in', [...new Set(keys.map((key) => key.runId))])
    .where('task_id', 'in', [...new Set(keys.map((key) => key.taskId))])
    .execute();
  return new Map(
    rows.map((row) => [
      nameOf({ runId: row.run_id, taskId: row.task_id }),
      isFinishedTask(row.status)
        ? { kind: 'ended', status: row.status, continueOnFailure: row.continue_on_failure, error: row.error }
        : { kind: row.status === 'parked' ? 'parked' : 'waiting' },
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
    onExhausted: row.on_exhausted,
    failures: row.failures,
    startedAt: row.started_at,
    job: row.job,
    nestedRunId: row.nested_run_id,
  };
}

function nameOf({ runId, taskId }: TaskKey): string {
  return `${runId} ${taskId}`;
}
