import type { Component } from '../components/component';
import type { ComponentSettings, StagedTable, TaskTables } from '../components/context';
import type { JsonObject } from '../domain/model/json';
import type { RunStatus, TaskResult } from '../domain/model/run';
import type { Logger } from '../logger';
import type { Db } from '../store/database';
import type { Granter } from '../store/leases/granter';

/** What activities need; compose.ts chooses the implementations. */
export interface ActivityDependencies {
  readonly db: Db;
  /** For what is executed for every task; see `openPreparedDatabase`. */
  readonly preparedDb: Db;
  readonly logger: Logger;
  readonly settings: ComponentSettings;
  /** Absolute path of the folder in which each attempt gets a scratch folder of its own. */
  readonly scratchDir: string;
  readonly findComponent: (id: string) => Component | undefined;
  readonly secrets: TaskSecrets;
  readonly tables: TablesOfTasks;
  readonly granter: Granter;
  readonly nestedRuns: NestedRuns;
}

/** Runs of orchestrations that are tasks of other runs. */
export interface NestedRuns {
  /**
   * Starts a run, unless it was started before, and answers how it stands. Idempotent by `runId`.
   *
   * @throws UserError when it cannot start, UnavailableError while Temporal is away.
   */
  ensure(request: {
    readonly runId: string;
    readonly orchestrationId: string;
    readonly parameters: JsonObject;
    readonly parent: { readonly runId: string; readonly taskId: string; readonly workflowId: string };
  }): Promise<NestedRunState>;
  /** Asks a run to stop, within the grace period that its parent has. Idempotent. */
  stop(runId: string): Promise<void>;
  /** `null` when there is no such run. */
  find(runId: string): Promise<NestedRunState | null>;
}

export interface NestedRunState {
  readonly orchestrationName: string;
  readonly status: RunStatus;
  /** The first failed tasks, as "name: message". */
  readonly failures: readonly string[];
}

/** Opens the secrets of a task's configuration, just before the work. */
export interface TaskSecrets {
  reveal(owner: { componentId: string; ownerId: string }, configuration: JsonObject): JsonObject;
  /** Takes every secret of a revealed configuration out of a text. */
  maskerOf(revealed: JsonObject): (text: string) => string;
}

/** Table storage as activities use it. */
export interface TablesOfTasks {
  forTask(task: { runId: string; taskId: string; attempt: number }): TaskTables;
  /** What an earlier attempt of the task has published; `null` for nothing. */
  findPublication(task: { runId: string; taskId: string }): Promise<Publication | null>;
  /** Publishes all staged tables, or, when an earlier attempt has published, answers that. */
  publish(publication: {
    runId: string;
    taskId: string;
    message: string;
    warning: boolean;
    staged: readonly StagedTable[];
  }): Promise<Publication>;
}

export interface Publication {
  readonly result: TaskResult;
  readonly warning: boolean;
}
