import type { JsonObject } from '../../domain/model/json';
import type { RetryPolicy } from '../../domain/model/orchestration';
import type { TaskError, TaskStatus } from '../../domain/model/run';

export interface TaskKey {
  readonly runId: string;
  readonly taskId: string;
}

export interface AttemptRequest extends TaskKey {
  /** A value that no other attempt has. */
  readonly claim: string;
}

/** An attempt that wants to begin. */
export interface StartRequest extends AttemptRequest {
  /** The workflow that has to be told when the task waits and its turn has come. */
  readonly workflowId: string;
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
  readonly onExhausted: 'fail' | 'park';
  /** Failures of the work so far. */
  readonly failures: number;
  /** The start of the first attempt. */
  readonly startedAt: Date;
  readonly job: JsonObject | null;
  /** The run that an earlier look of this task has started. */
  readonly nestedRunId: string | null;
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

/** Others have what the task needs; its workflow is told when its turn has come. */
export interface WaitingTask {
  readonly kind: 'waiting';
}

/** A person has to decide what becomes of the task. */
export interface ParkedTask {
  readonly kind: 'parked';
}

export type AttemptAnswer = StartedAttempt | EndedTask | MissingTask | WaitingTask | ParkedTask;
