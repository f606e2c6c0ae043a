import type { Component } from '../components/component';
import type { ComponentSettings, StagedTable, TaskTables } from '../components/context';
import type { JsonObject } from '../domain/model/json';
import type { TaskResult } from '../domain/model/run';
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
