import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { JsonObject } from '../domain/model/json';
import type { OverlapPolicy, PhaseRetry, RetryPolicy } from '../domain/model/orchestration';
import type {
  Resolution,
  RunError,
  RunStatus,
  StartedBy,
  TaskError,
  TaskProgress,
  TaskResult,
  TaskStatus,
} from '../domain/model/run';

/** The record of runs. A run's row and its tasks' rows are its snapshot too: nothing of them follows later edits. */
export interface RunTables {
  runs: RunsTable;
  run_tasks: RunTasksTable;
  task_log: TaskLogTable;
}

type Nullable<T> = ColumnType<T | null, T | null | undefined, T | null>;
type NullableJson<T> = ColumnType<T | null, string | null | undefined, string | null>;

interface RunsTable {
  id: string;
  orchestration_id: string;
  orchestration_name: string;
  orchestration_version: number;
  status: RunStatus;
  overlap: OverlapPolicy;
  started_by: JSONColumnType<StartedBy>;
  parameters: JSONColumnType<JsonObject>;
  /** The phases in order; their tasks are in `run_tasks`. */
  phases: JSONColumnType<readonly RunPhaseSnapshot[]>;
  max_parallel_tasks: Nullable<number>;
  retry_of: Nullable<string>;
  created_at: ColumnType<Date, Date | undefined, never>;
  started_at: Nullable<Date>;
  finished_at: Nullable<Date>;
  /** Temporal's id of the execution, once it is known. */
  temporal_run_id: Nullable<string>;
  /** Seconds that running tasks have to confirm a cancel; `null` while nobody asked for one. */
  stop_grace_seconds: Nullable<number>;
  /** The transaction that wrote the row last: readers ask for what changed since a snapshot. */
  changed_xid: Generated<string>;
  /** Larger is served first where tasks wait for leases. Since 0005. */
  priority: Generated<number>;
  /** No new task starts. Since 0005. */
  paused: Generated<boolean>;
  /** The workflow has not been told of `paused` yet. Since 0005. */
  pause_pending: Generated<boolean>;
  /** The task that this run is the work of; `null` for a run of its own. This and what follows: since 0008. */
  parent_run_id: Nullable<string>;
  parent_task_id: Nullable<string>;
  /** The workflow that has to be told of the end. */
  parent_workflow_id: Nullable<string>;
  /** Why the run ended, where its tasks do not say it. */
  error: NullableJson<RunError>;
  /** From the start; `null` for no limit. Since 0009. */
  timeout_minutes: Nullable<number>;
  /** The workflow has not been told to stop yet. Since 0009. */
  stop_pending: Generated<boolean>;
}

/** A phase as it was when the run was created. */
export interface RunPhaseSnapshot {
  readonly id: string;
  readonly name: string;
  readonly timeoutMinutes?: number | null | undefined;
  readonly retry?: PhaseRetry | null | undefined;
}

interface RunTasksTable {
  run_id: string;
  task_id: string;
  /** Place in the run: phases from 0, tasks of a phase from 0. */
  phase_index: number;
  position: number;
  name: string;
  component_id: string;
  configuration_id: Nullable<string>;
  configuration_version: Nullable<number>;
  /** Inline configuration, secrets encrypted; `null` when there is a saved one. */
  inline_configuration: NullableJson<JsonObject>;
  action: string;
  /** The run's values over the task's over the orchestration's defaults. */
  parameters: JSONColumnType<JsonObject>;
  continue_on_failure: boolean;
  timeout_minutes: Nullable<number>;
  retry: JSONColumnType<RetryPolicy>;
  status: TaskStatus;
  /** Attempts begun, losses of a worker not counted. */
  attempt: Generated<number>;
  /** Failures of the work itself. `attempt` is at most one more. */
  failures: Generated<number>;
  started_at: Nullable<Date>;
  finished_at: Nullable<Date>;
  progress: NullableJson<TaskProgress>;
  result: NullableJson<TaskResult>;
  error: NullableJson<TaskError>;
  /** What finds a remote job again after a crash. */
  job: NullableJson<JsonObject>;
  /** Made anew by each attempt: what an older one that lives on writes is refused. */
  claim: Nullable<string>;
  changed_xid: Generated<string>;
  /** What the task is kept apart from others by; see domain/rules/lease-keys.ts. Since 0005. */
  lease_keys: Generated<string[]>;
  /** The run whose result stands for this task, in a retry. Since 0006. */
  reused_from: Nullable<string>;
  /** What happens when the task has failed for good. This and what follows: since 0007. */
  on_exhausted: ColumnType<'fail' | 'park', 'fail' | 'park' | undefined>;
  parked_at: Nullable<Date>;
  /** The workflow that waits for the decision. */
  parked_workflow_id: Nullable<string>;
  resolution: NullableJson<Resolution>;
  /** The workflow has not been told of `resolution` yet. */
  resolution_pending: Generated<boolean>;
  /** The run that is this task's work, for component `orchestration`. Since 0008. */
  nested_run_id: Nullable<string>;
  /** Which attempt of its phase the task runs in, 1 for the first. Since 0009. */
  phase_attempt: Generated<number>;
}

interface TaskLogTable {
  id: Generated<string>;
  run_id: string;
  task_id: string;
  attempt: number;
  logged_at: Date;
  level: string;
  message: string;
}
