import { join } from 'node:path';
import { NotFoundError } from '../domain/errors';
import type { Db } from '../store/database';
import { listCurrent, readOneCurrent, readTable, toSummary } from './catalog';
import { exportFile } from './export-file';
import { removeFolder, storageFolders, type StorageFolders } from './folders';
import { stageUpload } from './import-csv';
import { pinTables } from './pins';
import { findPublication, publishForTask, publishUpload } from './publish';
import { openDownload, previewRows } from './read-rows';
import { removeUnused } from './remove-unused';
import { stageCsv } from './stage-csv';
import type { CsvUpload, TableStorage, TaskOfRun } from './table-storage';
import { openWorkspace } from './workspace';
import type { TaskTables } from '../components/context';

/** Table storage in the data folder of this machine, catalogued in the product's database. */
export function createTableStorage(db: Db, dataDir: string): TableStorage {
  const folders = storageFolders(dataDir);
  return {
    forTask: (task) => tablesOfTask(db, folders, task),
    findPublication: (task) => findPublication(db, task),
    publish: (publication) => publishForTask(db, folders, publication),
    async listTables({ limit, cursor }) {
      const found = await listCurrent(db, limit + 1, cursor);
      const page = found.slice(0, limit);
      return {
        items: page.map(toSummary),
        nextCursor: found.length > limit ? (page.at(-1)?.id ?? null) : null,
      };
    },
    getTable: (id) => readTable(db, id),
    previewTable: async (id, limit) => previewRows(folders, await readOneCurrent(db, id), limit),
    openDownload: async (id, format) => openDownload(folders, await readOneCurrent(db, id), format),
    importCsv: (upload) => importCsv(db, folders, upload),
    async deleteTable(id) {
      const deleted = await db.deleteFrom('storage_tables').where('id', '=', id).executeTakeFirst();
      if (deleted.numDeletedRows === 0n) throw new NotFoundError(`There is no table ${id}.`);
    },
    removeUnused: (now) => removeUnused(db, folders, now),
  };
}

function tablesOfTask(db: Db, folders: StorageFolders, task: TaskOfRun): TaskTables {
  return {
    pin: (tableIds) => pinTables(db, folders, task, tableIds),
    stageCsv: (load, csv, signal) => stageCsv(folders, load, csv, signal),
    openWorkspace: (options) => openWorkspace(folders, options),
    exportFile: (table, path, format, signal) => exportFile(folders, table.files, { path, format }, signal),
  };
}

async function importCsv(db: Db, folders: StorageFolders, upload: CsvUpload) {
  const staged = await stageUpload(folders, upload, new AbortController().signal);
  try {
    await publishUpload(db, folders, staged);
  } catch (error) {
    await removeFolder(join(folders.tables, staged.tableId, staged.version));
    throw error;
  }
  return toSummary(await readOneCurrent(db, upload.tableId));
}
