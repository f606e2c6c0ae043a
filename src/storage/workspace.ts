import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  LoadOptions,
  StagedTable,
  Workspace,
  WorkspaceInput,
  WorkspaceOptions,
} from '../components/context';
import { UserError } from '../domain/errors';
import { DuckDbError, DuckDbProcess } from './duckdb/duckdb-process';
import { quoteName, quoteNames, quoteText } from './duckdb/sql-text';
import {
  flushToDisk,
  makeScratchFolder,
  makeVersionFolder,
  partName,
  removeFolder,
  type StorageFolders,
} from './folders';
import { describeFiles, readFiles } from './parquet';

/**
 * Opens a database of its own that holds copies of the inputs, and then shuts every way out: no files but the
 * output folder, no network, no extensions, no settings.
 *
 * Copies and not views: a file that a view may read, a script may overwrite.
 */
export async function openWorkspace(
  folders: StorageFolders,
  { inputs, signal }: WorkspaceOptions,
): Promise<Workspace> {
  const scratch = await makeScratchFolder(folders);
  const output = join(scratch, 'output');
  const opened = await (async () => {
    await mkdir(output);
    return DuckDbProcess.open({
      path: join(scratch, 'workspace.duckdb'),
      tempFolder: join(scratch, 'temp'),
      signal,
    });
  })().catch(async (error: unknown) => {
    await removeFolder(scratch);
    throw error;
  });
  const workspace = new DuckDbWorkspace(opened, folders, { scratch, output });
  try {
    for (const input of inputs) await workspace.load(input);
    await workspace.lock();
    return workspace;
  } catch (error) {
    await workspace.close();
    throw error;
  }
}

class DuckDbWorkspace implements Workspace {
  #staged = 0;

  constructor(
    private readonly duckdb: DuckDbProcess,
    private readonly folders: StorageFolders,
    private readonly paths: { readonly scratch: string; readonly output: string },
  ) {}

  async load({ table, as, columns, where }: WorkspaceInput): Promise<void> {
    const selected = columns === undefined ? '*' : quoteNames(columns);
    const filter = where === undefined ? '' : ` WHERE ${where}`;
    await asUserError(`Input ${table.id} cannot be read as "${as}"`, () =>
      this.duckdb.run(
        `CREATE TABLE ${quoteName(as)} AS SELECT ${selected} FROM ${readFiles(table.files)}${filter}`,
      ),
    );
  }

  async lock(): Promise<void> {
    await this.duckdb.run(`SET allowed_directories = [${quoteText(this.paths.output)}]`);
    await this.duckdb.run('SET enable_external_access = false');
    await this.duckdb.run('SET lock_configuration = true');
  }

  countStatements(sql: string): Promise<number> {
    return asUserError('Syntax error', () => this.duckdb.countStatements(sql));
  }

  async execute(sql: string): Promise<{ readonly rowsChanged: number }> {
    return { rowsChanged: await asUserError('', () => this.duckdb.execute(sql)) };
  }

  async listTables(): Promise<readonly string[]> {
    const rows = await this.duckdb.run(
      `SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'`,
    );
    return rows.map((row) => String(row.table_name));
  }

  async stage(from: string, load: LoadOptions): Promise<StagedTable> {
    this.#staged += 1;
    const written = join(this.paths.output, `${this.#staged}.parquet`);
    await asUserError(`Output "${from}" cannot be written`, async () => {
      const query = await this.#selectExactly(from);
      await this.duckdb.run(`COPY (${query}) TO ${quoteText(written)} (FORMAT parquet, COMPRESSION zstd)`);
    });
    const content = await describeFiles(this.duckdb, [written]);
    const place = await makeVersionFolder(this.folders, load.tableId);
    await rename(written, join(place.folder, partName));
    await flushToDisk(place.folder, partName);
    return { ...load, ...place, ...content };
  }

  /** Parquet has no integers of 128 bits, the type of a `sum`: DuckDB would write them as floating point. */
  async #selectExactly(from: string): Promise<string> {
    const columns = await this.duckdb.run(`DESCRIBE SELECT * FROM ${quoteName(from)}`);
    const exact = columns
      .filter(({ column_type: type }) => type === 'HUGEINT' || type === 'UHUGEINT')
      .map(({ column_name: name }) => quoteName(String(name)))
      .map((name) => `CAST(${name} AS DECIMAL(38, 0)) AS ${name}`);
    const replaced = exact.length === 0 ? '' : ` REPLACE (${exact.join(', ')})`;
    return `SELECT *${replaced} FROM ${quoteName(from)}`;
  }

  async close(): Promise<void> {
    await this.duckdb.close();
    await removeFolder(this.paths.scratch);
  }
}

/** What DuckDB says about a statement is for the user who wrote it. */
async function asUserError<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof DuckDbError)) throw error;
    throw new UserError(what === '' ? error.message : `${what}: ${error.message}`, {
      code: 'SQL_ERROR',
      cause: error,
    });
  }
}
