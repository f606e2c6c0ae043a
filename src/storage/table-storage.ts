import type { Readable } from 'node:stream';
import type { StagedTable, TaskTables } from '../components/context';
import type { TaskResult } from '../domain/model/run';
import type { Table, TableId, TableSummary } from '../domain/model/table';

/**
 * Tables as chains of immutable versions: Parquet files in the data folder, catalogued in PostgreSQL.
 * What is written becomes visible in one transaction, or not at all.
 */
export interface TableStorage {
  /** Table storage as one task sees it. */
  forTask(task: TaskOfRun): TaskTables;
  /** What a task has published already; `null` for nothing. */
  findPublication(task: TaskOfRun): Promise<Publication | null>;
  /**
   * Makes all staged versions current, together. Idempotent: a task publishes once, a repeated call answers what
   * was published. Concurrent loads of one table follow one another.
   */
  publish(publication: NewPublication): Promise<Publication>;

  /** Tables by id, ascending. The cursor is the last id. */
  listTables(page: { readonly limit: number; readonly cursor?: string | undefined }): Promise<TablePage>;
  /** @throws NotFoundError */
  getTable(id: TableId): Promise<Table>;
  /** The first rows, every value as text. @throws NotFoundError */
  previewTable(id: TableId, limit: number): Promise<TablePreview>;
  /** All rows of the current version, as a file of that format. @throws NotFoundError */
  openDownload(id: TableId, format: 'csv' | 'parquet'): Promise<Readable>;
  /** Loads CSV text with a header row; every column is a VARCHAR. @throws ValidationError when it is not CSV. */
  importCsv(upload: CsvUpload): Promise<TableSummary>;
  /** @throws NotFoundError */
  deleteTable(id: TableId): Promise<void>;
  /** Removes versions and folders that nothing needs any more. */
  removeUnused(now: Date): Promise<void>;
}

export interface TaskOfRun {
  readonly runId: string;
  readonly taskId: string;
}

export interface NewPublication extends TaskOfRun {
  readonly message: string;
  readonly warning: boolean;
  readonly staged: readonly StagedTable[];
}

export interface Publication {
  readonly result: TaskResult;
  readonly warning: boolean;
}

export interface TablePage {
  readonly items: readonly TableSummary[];
  readonly nextCursor: string | null;
}

export interface TablePreview {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface CsvUpload {
  readonly tableId: TableId;
  readonly content: Readable;
  /** Upsert by `primaryKey`, by the table's own key when none is given, or append when it has none; else replace. */
  readonly incremental: boolean;
  readonly primaryKey: readonly string[];
}
