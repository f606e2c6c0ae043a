import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { StagedTable } from '../components/context';
import { TransientError } from '../domain/errors';
import type { TaskResult } from '../domain/model/run';
import type { Db } from '../store/database';
import { readCurrent, type CurrentVersion } from './catalog';
import { mergeIncrement, noBase } from './merge-increment';
import type { StorageFolders } from './folders';
import type { ParquetContent } from './parquet';
import { partName } from './folders';
import type { NewPublication, Publication, TaskOfRun } from './table-storage';

/** A version that is ready to become current. */
interface FinalVersion extends ParquetContent {
  readonly staged: StagedTable;
  readonly parts: readonly string[];
  /** The `seq` that the table must still have; `null` for a new table. */
  readonly expectedSeq: number | null;
}

const attempts = 20;

/** Somebody else published one of the tables in between. */
class Overtaken extends Error {}
/** An earlier attempt of the task has published. */
class PublishedBefore extends Error {}

export async function findPublication(db: Db, { runId, taskId }: TaskOfRun): Promise<Publication | null> {
  const row = await db
    .selectFrom('storage_publications')
    .select(['result', 'warning'])
    .where('run_id', '=', runId)
    .where('task_id', '=', taskId)
    .executeTakeFirst();
  return row ?? null;
}

/** Publishes what a task has staged, all tables in one transaction. */
export async function publishForTask(
  db: Db,
  folders: StorageFolders,
  publication: NewPublication,
): Promise<Publication> {
  const { message, warning, staged } = publication;
  try {
    return await repeatWhenOvertaken(async () => {
      const finals = await finalize(db, folders, staged);
      const result: TaskResult = {
        message,
        tables: finals.map(({ staged: { tableId, version }, rows }) => ({ id: tableId, rows, version })),
      };
      await db.transaction().execute(async (trx) => {
        await claimPublication(trx, publication, { result, warning });
        await makeCurrent(trx, finals, publication);
      });
      return { result, warning };
    });
  } catch (error) {
    if (!(error instanceof PublishedBefore)) throw error;
    const earlier = await findPublication(db, publication);
    if (earlier === null) throw error;
    return earlier;
  }
}

/** Publishes an upload, which belongs to no task. */
export async function publishUpload(db: Db, folders: StorageFolders, staged: StagedTable): Promise<void> {
  await repeatWhenOvertaken(async () => {
    const finals = await finalize(db, folders, [staged]);
    await db.transaction().execute((trx) => makeCurrent(trx, finals, null));
  });
}

async function repeatWhenOvertaken<T>(publish: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await publish();
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
      if (attempt === attempts) {
        throw new TransientError(
          'Other loads of the same table came first, again and again; nothing was published.',
          {
            code: 'TABLE_BUSY',
            cause: error,
          },
        );
      }
      await delay(10 * attempt);
    }
  }
}

/** Joins increments with the version that is current now; of a full load, only the key is made unique. */
async function finalize(
  db: Db,
  folders: StorageFolders,
  staged: readonly StagedTable[],
): Promise<FinalVersion[]> {
  const current = await readCurrent(
    db,
    staged.map((table) => table.tableId),
  );
  return Promise.all(
    staged.map(async (loaded) => {
      const base = current.get(loaded.tableId);
      const table = withKeyOf(base, loaded);
      return { staged: table, expectedSeq: base?.seq ?? null, ...(await contentOf(folders, table, base)) };
    }),
  );
}

/** An increment that names no key has that of its table. */
function withKeyOf(base: CurrentVersion | undefined, loaded: StagedTable): StagedTable {
  const isKeyless = (loaded.primaryKey ?? []).length === 0;
  if (base === undefined || loaded.incremental !== true || !isKeyless) return loaded;
  return { ...loaded, primaryKey: base.primaryKey };
}

async function contentOf(folders: StorageFolders, staged: StagedTable, base: CurrentVersion | undefined) {
  const own = {
    parts: [join(staged.version, partName)],
    columns: staged.columns,
    rows: staged.rows,
    bytes: staged.bytes,
  };
  const isIncrement = staged.incremental === true;
  if (!isIncrement && (staged.primaryKey ?? []).length === 0) return own;
  return mergeIncrement(folders, staged, isIncrement ? (base ?? noBase) : noBase);
}

async function claimPublication(
  trx: Db,
  { runId, taskId }: TaskOfRun,
  { result, warning }: Publication,
): Promise<void> {
  const inserted = await trx
    .insertInto('storage_publications')
    .values({ run_id: runId, task_id: taskId, result: JSON.stringify(result), warning })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows === 0n) throw new PublishedBefore();
}

async function makeCurrent(trx: Db, finals: readonly FinalVersion[], task: TaskOfRun | null): Promise<void> {
  // Always in the same order, so that two publishers of the same tables never wait for each other.
  const ordered = [...finals].sort((one, other) => (one.staged.tableId < other.staged.tableId ? -1 : 1));
  for (const final of ordered) {
    await insertVersion(trx, final, task);
    await moveHead(trx, final);
  }
}

async function insertVersion(
  trx: Db,
  { staged, parts, columns, rows, bytes }: FinalVersion,
  task: TaskOfRun | null,
): Promise<void> {
  await trx
    .insertInto('storage_versions')
    .values({
      version: staged.version,
      table_id: staged.tableId,
      parts: JSON.stringify(parts),
      columns: JSON.stringify(columns),
      rows,
      bytes,
      run_id: task?.runId ?? null,
      task_id: task?.taskId ?? null,
    })
    .execute();
}

async function moveHead(trx: Db, { staged, expectedSeq }: FinalVersion): Promise<void> {
  const head = {
    current_version: staged.version,
    primary_key: JSON.stringify(staged.primaryKey ?? []),
    last_import_at: new Date(),
  };
  if (expectedSeq === null) {
    const inserted = await trx
      .insertInto('storage_tables')
      .values({ id: staged.tableId, seq: 1, ...head })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 0n) throw new Overtaken();
    return;
  }
  const moved = await trx
    .updateTable('storage_tables')
    .set({ seq: expectedSeq + 1, ...head })
    .where('id', '=', staged.tableId)
    .where('seq', '=', expectedSeq)
    .executeTakeFirst();
  if (moved.numUpdatedRows === 0n) throw new Overtaken();
}
