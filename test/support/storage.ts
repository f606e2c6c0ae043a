import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { TableId } from '../../src/domain/model/table';
import { createTableStorage } from '../../src/storage/create-table-storage';
import type { TableStorage } from '../../src/storage/table-storage';
import { createTestDatabase, type TestDatabase } from './database';

export interface TestStorage {
  readonly storage: TableStorage;
  readonly database: TestDatabase;
  readonly dataDir: string;
  /** Uploads CSV text with a header row. */
  upload(
    table: string,
    csv: string | Buffer,
    options?: { incremental?: boolean; primaryKey?: string[] },
  ): Promise<void>;
  /** All rows of a table, as text, in the order of the file. */
  rowsOf(table: string): Promise<readonly (readonly (string | null)[])[]>;
  close(): Promise<void>;
}

/** Table storage with a database and a folder of the test's own. */
export async function createTestStorage(): Promise<TestStorage> {
  const database = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-storage-'));
  const storage = createTableStorage(database.db, dataDir);
  return {
    storage,
    database,
    dataDir,
    async upload(table, csv, { incremental = false, primaryKey = [] } = {}) {
      await storage.importCsv({
        tableId: table as TableId,
        content: Readable.from([csv]),
        incremental,
        primaryKey,
      });
    },
    rowsOf: async (table) => (await storage.previewTable(table as TableId, 1_000)).rows,
    async close() {
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
