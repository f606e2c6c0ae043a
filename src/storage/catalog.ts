import { NotFoundError } from '../domain/errors';
import type { Table, TableColumn, TableId, TableSummary } from '../domain/model/table';
import type { Db } from '../store/database';

/** The current version of a table, as the catalogue has it. */
export interface CurrentVersion {
  readonly id: TableId;
  readonly version: string;
  readonly seq: number;
  readonly primaryKey: readonly string[];
  /** Relative to the table's folder. */
  readonly parts: readonly string[];
  readonly columns: readonly TableColumn[];
  readonly rows: number;
  readonly bytes: number;
  readonly lastImportAt: Date;
}

function currentVersions(db: Db) {
  return db
    .selectFrom('storage_tables as head')
    .innerJoin('storage_versions as version', 'version.version', 'head.current_version')
    .select([
      'head.id',
      'head.seq',
      'head.primary_key',
      'head.last_import_at',
      'version.version',
      'version.parts',
      'version.columns',
      'version.rows',
      'version.bytes',
    ]);
}

type CurrentRow = Awaited<ReturnType<ReturnType<typeof currentVersions>['execute']>>[number];

function toCurrent(row: CurrentRow): CurrentVersion {
  return {
    id: row.id as TableId,
    version: row.version,
    seq: row.seq,
    primaryKey: row.primary_key,
    parts: row.parts,
    columns: row.columns,
    rows: row.rows,
    bytes: row.bytes,
    lastImportAt: row.last_import_at,
  };
}

/** The current versions of tables, by id; tables that do not exist are left out. */
export async function readCurrent(
  db: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, CurrentVersion>> {
  if (ids.length === 0) return new Map();
  const rows = await currentVersions(db)
    .where('head.id', 'in', [...ids])
    .execute();
  return new Map(rows.map((row) => [row.id, toCurrent(row)]));
}

/** @throws NotFoundError */
export async function readOneCurrent(db: Db, id: TableId): Promise<CurrentVersion> {
  const current = (await readCurrent(db, [id])).get(id);
  if (current === undefined) throw new NotFoundError(`There is no table ${id}.`);
  return current;
}

export async function listCurrent(
  db: Db,
  limit: number,
  after: string | undefined,
): Promise<readonly CurrentVersion[]> {
  const rows = await currentVersions(db)
    .$if(after !== undefined, (query) => query.where('head.id', '>', after ?? ''))
    .orderBy('head.id')
    .limit(limit)
    .execute();
  return rows.map(toCurrent);
}

export function toSummary(current: CurrentVersion): TableSummary {
  const { id, columns, primaryKey, rows, bytes, lastImportAt } = current;
  return {
    id,
    columns: [...columns],
    primaryKey: [...primaryKey],
    rows,
    bytes,
    lastImportAt: lastImportAt.toISOString(),
  };
}

/** A table with its versions, newest first. */
export async function readTable(db: Db, id: TableId): Promise<Table> {
  const current = await readOneCurrent(db, id);
  const versions = await db
    .selectFrom('storage_versions')
    .select(['version', 'rows', 'bytes', 'created_at', 'run_id', 'task_id'])
    .where('table_id', '=', id)
    .orderBy('version', 'desc')
    .limit(1_000)
    .execute();
  return {
    ...toSummary(current),
    versions: versions.map((version) => ({
      version: version.version,
      rows: version.rows,
      bytes: version.bytes,
      createdAt: version.created_at.toISOString(),
      runId: version.run_id,
      taskId: version.task_id,
    })),
  };
}
