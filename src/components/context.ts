import type { JsonObject } from '../domain/model/json';
import type { TaskProgress } from '../domain/model/run';
import type { TableColumn, TableId } from '../domain/model/table';

/**
 * What a component is given. It is all that a component may touch of the product: no store, no Temporal,
 * no other component. Adapters implement these interfaces; `activities/` puts them together per attempt.
 */
export interface TaskContext {
  readonly runId: string;
  readonly taskId: string;
  /** 1 for the first attempt. Losses of a worker are not counted. */
  readonly attempt: number;
  /** Values of `{{parameters.x}}`; already replaced in the configuration. */
  readonly parameters: JsonObject;
  /** Aborts on cancel, on time-out and on shutdown of the worker. A component stops its work and rejects. */
  readonly signal: AbortSignal;
  readonly log: TaskLog;
  readonly tables: TaskTables;
  readonly settings: ComponentSettings;
  /** An empty folder of this attempt; removed when the attempt ends. Made at the first call. */
  scratchFolder(): Promise<string>;
  /** Shows how far the task is. Cheap: call as often as you like, the last value is written every second. */
  reportProgress(progress: TaskProgress): void;
}

/** What an action (`testConnection`, `listTables`) is given. It has 30 seconds. */
export interface ActionContext {
  readonly signal: AbortSignal;
  readonly settings: ComponentSettings;
}

/** Settings of the installation that components need. */
export interface ComponentSettings {
  /** Absolute path of the folder that `writer-file` writes into. */
  readonly exportDir: string;
  /** Private hosts (`host` or `host:port`) that `job-http` may call. */
  readonly httpJobAllowedHosts: readonly string[];
}

/** The task's log, as the user reads it. Secrets of the configuration are masked before anything is written. */
export interface TaskLog {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** The version of a table that this task reads, fixed at the first look for all attempts of the task. */
export interface PinnedTable {
  readonly id: TableId;
  readonly version: string;
  readonly columns: readonly TableColumn[];
  readonly rows: number;
  /** Absolute paths of the version's Parquet files. Never write to them. */
  readonly files: readonly string[];
}

/** How new rows join the old: `incremental` upserts by `primaryKey`, or appends when there is none. */
export interface LoadOptions {
  readonly tableId: TableId;
  readonly primaryKey?: readonly string[] | undefined;
  readonly incremental?: boolean | undefined;
}

/** A new version of a table that nobody sees until the task has ended well. */
export interface StagedTable extends LoadOptions {
  readonly version: string;
  /** Absolute path of the new version's own folder. */
  readonly folder: string;
  readonly columns: readonly TableColumn[];
  readonly rows: number;
  readonly bytes: number;
}

/**
 * Table storage as a task sees it. A task stages versions and returns them in its output; the product
 * publishes all of them together, once, when the task has ended well.
 */
export interface TaskTables {
  /** @throws UserError naming all tables that are not there. */
  pin(tableIds: readonly TableId[]): Promise<readonly PinnedTable[]>;
  /**
   * Turns CSV text into a staged version. The text has no header, separates by comma, quotes with `"`;
   * NULL is nothing, the empty string is `""` (what PostgreSQL's `COPY … CSV` writes).
   */
  stageCsv(load: LoadOptions, csv: CsvSource, signal: AbortSignal): Promise<StagedTable>;
  /** Opens an isolated SQL workspace that holds the inputs as tables and can reach nothing else. */
  openWorkspace(options: WorkspaceOptions): Promise<Workspace>;
  /** Writes the rows of a pinned table to a file; it appears whole or not at all. */
  exportFile(table: PinnedTable, path: string, format: 'csv' | 'parquet', signal: AbortSignal): Promise<void>;
}

export interface CsvSource {
  /** Name and DuckDB type of each column, in the order of the text. */
  readonly columns: readonly TableColumn[];
  /** Writes the text into the stream, a line feed after each row, and returns when all of it is written. */
  write(target: NodeJS.WritableStream): Promise<void>;
}

export interface WorkspaceOptions {
  readonly inputs: readonly WorkspaceInput[];
  readonly signal: AbortSignal;
}

export interface WorkspaceInput {
  readonly table: PinnedTable;
  /** Name of the table inside the workspace. */
  readonly as: string;
  readonly columns?: readonly string[] | undefined;
  /** SQL condition over the input's columns. */
  readonly where?: string | undefined;
}

/** A DuckDB process of its own with no way to files, network, extensions or settings. */
export interface Workspace {
  /** Number of statements that DuckDB itself finds in a script; a check on our own splitter. @throws UserError on a syntax error. */
  countStatements(sql: string): Promise<number>;
  /** Runs one statement. @throws UserError with the database's own sentence. */
  execute(sql: string): Promise<{ readonly rowsChanged: number }>;
  /** Names of the tables and views that exist now. */
  listTables(): Promise<readonly string[]>;
  /** Stages the content of one workspace table. */
  stage(from: string, load: LoadOptions): Promise<StagedTable>;
  /** Ends the process and removes its files. Idempotent. */
  close(): Promise<void>;
}
