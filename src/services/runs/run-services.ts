import type { ActionLinks, ActionPreview } from './steer/action-links';
import type { ResolveOptions } from './steer/resolve-task';
import type { JsonObject } from '../../domain/model/json';
import type { RetryPlan, RetryRequest } from '../../domain/model/retry';
import type { RunTree } from '../../domain/model/run-tree';
import type { Run, RunStatus, RunSummary, StartedBy } from '../../domain/model/run';

/** What a caller can ask about runs. */
export interface RunServices {
  startRun(request: StartRunRequest): Promise<Run>;
  listRuns(filter: RunFilter): Promise<RunPage>;
  /** @throws NotFoundError */
  getRun(runId: string): Promise<Run>;
  /** A run and all that are nested in it. @throws NotFoundError */
  readTree(runId: string): Promise<RunTree>;
  /** Asks a run to stop. @throws ConflictError when it has ended. */
  cancelRun(runId: string, options: { readonly graceSeconds?: number | undefined }): Promise<Run>;
  /** The tasks that a retry would choose by itself. @throws ConflictError while the run is under way. */
  preselectRetry(runId: string): Promise<readonly string[]>;
  /** What a retry would do; starts nothing. */
  planRetry(runId: string, request: RetryRequest): Promise<RetryPlan>;
  /** Starts a new run for one that has ended. */
  retryRun(runId: string, options: RetryOptions): Promise<Run>;
  /** Decides what becomes of a parked task. @throws ConflictError when it is not parked. */
  resolveTask(task: { runId: string; taskId: string }, options: ResolveOptions): Promise<Run>;
  /** Links that let somebody without a token decide on a parked task. @throws ConflictError when it is not parked. */
  makeActionLinks(task: { runId: string; taskId: string }, recipient: string): Promise<ActionLinks>;
  /** What such a link would do. @throws NotFoundError, ConflictError when it cannot be used any more. */
  previewAction(token: string): Promise<ActionPreview>;
  /** Does what such a link says, once. */
  followActionLink(token: string, options: Pick<ResolveOptions, 'parameters' | 'note'>): Promise<Run>;
  /** Starts no new task of a run, or goes on. @throws ConflictError when it has ended or is being stopped. */
  pauseRun(runId: string, isPaused: boolean): Promise<Run>;
  /** Follows a run until it has ended or `signal` is aborted. */
  watchRun(runId: string, options: WatchOptions): AsyncIterable<RunEvent>;
  /** Lines `time level message` of a task's log. */
  readTaskLog(runId: string, taskId: string, options: LogOptions): AsyncIterable<string>;
}

export interface RetryOptions extends RetryRequest {
  readonly startedBy: StartedBy;
}

export interface StartRunRequest {
  readonly orchestrationId: string;
  readonly startedBy: StartedBy;
  /** Run exactly these; all enabled ones when left out. */
  readonly taskIds?: readonly string[] | undefined;
  readonly parameters?: JsonObject | undefined;
  /** Instead of the orchestration's own. */
  readonly priority?: number | undefined;
  /** Behaves as a scheduled run: needs the orchestration enabled. */
  readonly unattended?: boolean | undefined;
}

export interface RunFilter {
  readonly orchestrationId?: string | undefined;
  readonly status?: RunStatus | undefined;
  /** Id or name of who or what started it. */
  readonly startedBy?: string | undefined;
  /** Only runs nested in this one. */
  readonly parentRunId?: string | undefined;
  /** Created at or after, and before. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface RunPage {
  readonly items: readonly RunSummary[];
  readonly nextCursor: string | null;
}

export interface WatchOptions {
  /** The id of the last event that the caller has seen. */
  readonly sinceEventId?: string | undefined;
  readonly signal: AbortSignal;
}

/** `run` carries all, `change` only what changed, `end` comes last. */
export interface RunEvent {
  readonly id: string;
  readonly event: 'run' | 'change' | 'end';
  readonly data: unknown;
}

export interface LogOptions {
  readonly attempt?: number | undefined;
  /** Go on with new lines until the task has ended. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}
