import { join } from 'node:path';
import type { PinnedTable } from '../components/context';
import { UserError } from '../domain/errors';
import type { TableId } from '../domain/model/table';
import type { Db } from '../store/database';
import type { StorageFolders } from './folders';
import type { TaskOfRun } from './table-storage';

/**
 * Fixes which versions a task reads: the current ones at its first look, the same ones in every later attempt.
 *
 * @throws UserError naming all tables that are not there.
 */
export async function pinTables(
  db: Db,
  folders: StorageFolders,
  { runId, taskId }: TaskOfRun,
  tableIds: readonly TableId[],
): Promise<readonly PinnedTable[]> {
  if (tableIds.length === 0) return [];
  await db
    .insertInto('storage_pins')
    .columns(['run_id', 'task_id', 'table_id', 'version'])
    .expression((eb) =>
      eb
        .selectFrom('storage_tables')
        .select([eb.val(runId).as('run_id'), eb.val(taskId).as('task_id'), 'id', 'current_version'])
        .where('id', 'in', [...tableIds]),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const rows = await db
    .selectFrom('storage_pins as pin')
    .innerJoin('storage_versions as version', 'version.version', 'pin.version')
    .select(['pin.table_id', 'version.version', 'version.parts', 'version.columns', 'version.rows'])
    .where('pin.run_id', '=', runId)
    .where('pin.task_id', '=', taskId)
    .execute();
  const pinned = new Map(rows.map((row) => [row.table_id, row]));
  refuseMissing(tableIds.filter((id) => !pinned.has(id)));
  return tableIds.flatMap((id) => {
    const row = pinned.get(id);
    if (row === undefined) return [];
    const files = row.parts.map((part) => join(folders.tables, id, part));
    return { id, version: row.version, columns: row.columns, rows: row.rows, files };
  });
}

function refuseMissing(missing: readonly TableId[]): void {
  if (missing.length === 0) return;
  const what = missing.length === 1 ? `Table ${missing[0] ?? ''} is` : `Tables ${missing.join(', ')} are`;
  throw new UserError(
    `${what} not in storage. Load or upload it first, or correct the configuration's inputs.`,
    {
      code: 'TABLE_NOT_FOUND',
    },
  );
}
