import type { PhaseRetry } from '../domain/model/orchestration';
import type { RunError, RunStatus } from '../domain/model/run';
import type { Tally } from '../domain/rules/outcome';

/** What a run's workflow is started with. Ids only: the definition is pinned in PostgreSQL. */
export interface RunInput {
  readonly runId: string;
  /** Set when the workflow continues itself as new between two phases. */
  readonly progress?: RunProgress;
}

/** What is carried over when a long run continues as new. Plain JSON. */
export interface RunProgress {
  readonly nextPhase: number;
  /** When the run began, in milliseconds. */
  readonly beganAt: number;
  readonly tally: Tally;
}

export interface StopRequest {
  /** How long running tasks have to confirm that they stopped, before they are given up. */
  readonly graceSeconds: number;
}

/** A task as a workflow knows it: enough to schedule it, no more, so that large plans stay small. */
export interface TaskRef {
  readonly id: string;
  readonly name: string;
}

/** Tasks of a phase that are to run. */
export interface TasksToRun {
  readonly size: number;
  /** The tasks, where there are few; else they are loaded phase by phase, or chunk by chunk. */
  readonly tasks: readonly TaskRef[] | null;
}

export interface PhaseRef extends TasksToRun {
  readonly name: string;
  readonly timeoutMinutes: number | null;
  readonly retry: PhaseRetry | null;
}

export interface RunPlan {
  readonly phases: readonly PhaseRef[];
  readonly maxParallelTasks: number | null;
  readonly timeoutMinutes: number | null;
}

/** Whether a run may begin. */
export type BeginAnswer =
  | { readonly kind: 'begun'; readonly plan: RunPlan; readonly isPaused: boolean }
  /** Another run of the orchestration is under way, or was there first. */
  | { readonly kind: 'waiting' }
  /** Somebody cancelled it before it began. */
  | { readonly kind: 'cancelled' };

/** One time that the tasks of a phase are run. */
export interface PhaseAttempt {
  readonly runId: string;
  readonly phaseIndex: number;
  /** 1 for the first. */
  readonly attempt: number;
}

export interface TasksSlice extends PhaseAttempt {
  readonly offset: number;
  readonly size: number;
}

export interface ChunkInput extends TasksSlice {
  readonly phaseName: string;
  readonly window: number;
  /** Whether the run is paused when the chunk starts. */
  readonly isPaused: boolean;
}

export interface FinishInput {
  readonly runId: string;
  readonly status: Extract<RunStatus, 'success' | 'warning' | 'error' | 'terminated'>;
  /** Why, where the tasks do not say it. */
  readonly error: RunError | null;
}

export interface FinishAnswer {
  readonly status: RunStatus;
  /** The run of the same orchestration that has waited longest, if any. */
  readonly nextRunId: string | null;
  /** The task that waits for the end of this run, in the workflow of another one. */
  readonly parent: { readonly workflowId: string; readonly taskId: string } | null;
}

export interface TaskInput {
  readonly runId: string;
  readonly taskId: string;
  /** The run stops: a nested run that is the task's work is to be stopped. */
  readonly isStopping?: boolean;
}
