import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TransientError, UserError } from '../../domain/errors';
import { Gate } from './gate';
import type { DuckDbAnswer, DuckDbRequest, DuckDbRow } from './protocol';

/** Most DuckDB processes of this process at the same time; each may use a gigabyte. */
const processesAtOnce = 4;
const gate = new Gate(processesAtOnce);

/** After an interrupt that is not answered by then, the process is killed. */
const interruptWithinMs = 2_000;

export interface DuckDbOptions {
  /** Path of the database file; in memory when left out. */
  readonly path?: string;
  /** Folder for what does not fit into memory. */
  readonly tempFolder: string;
  /** Aborts whatever runs, and ends the process. */
  readonly signal: AbortSignal;
}

/** A sentence of DuckDB about a statement; the caller knows whose fault it is. */
export class DuckDbError extends Error {}

type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never;
interface Pending {
  readonly resolve: (answer: Extract<DuckDbAnswer, { ok: true }>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A DuckDB in a process of its own: a query that runs out of memory, or crashes, takes nothing else along, and two
 * tasks never open the same file. Always `close` it.
 */
export class DuckDbProcess {
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #ended: string | null = null;

  private constructor(
    private readonly child: ChildProcess,
    private readonly signal: AbortSignal,
    private readonly leave: () => void,
  ) {
    child.on('message', (answer: DuckDbAnswer) => {
      this.#settle(answer);
    });
    child.on('exit', (code, killedBy) => {
      this.#end(killedBy ?? `exit code ${code ?? '?'}`);
    });
    child.on('error', (error) => {
      this.#end(error.message);
    });
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  static async open({ path, tempFolder, signal }: DuckDbOptions): Promise<DuckDbProcess> {
    const leave = await gate.enter(signal);
    try {
      const child = fork(compiledChild(), {
        env: {},
        execArgv: [],
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        serialization: 'advanced',
      });
      const duckdb = new DuckDbProcess(child, signal, leave);
      const settings = {
        memory_limit: '1GB',
        threads: '2',
        temp_directory: tempFolder,
        preserve_insertion_order: 'true',
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
      };
      await duckdb.#ask({ kind: 'open', path: path ?? ':memory:', settings });
      return duckdb;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Runs one or more statements and answers the rows of the last one. @throws DuckDbError, TransientError */
  async run(sql: string): Promise<readonly DuckDbRow[]> {
    return (await this.#ask({ kind: 'run', sql })).rows;
  }

  /** Runs one statement and answers how many rows it changed. */
  async execute(sql: string): Promise<number> {
    return (await this.#ask({ kind: 'run', sql })).rowsChanged;
  }

  async countStatements(sql: string): Promise<number> {
    return (await this.#ask({ kind: 'countStatements', sql })).rowsChanged;
  }

  /** Ends the process. Idempotent. */
  async close(): Promise<void> {
    this.signal.removeEventListener('abort', this.#onAbort);
    if (this.#ended === null) {
      const exit = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await exit;
    }
    this.leave();
  }

  readonly #onAbort = (): void => {
    void this.#interrupt();
  };

  async #interrupt(): Promise<void> {
    this.child.send({ id: 0, kind: 'interrupt' } satisfies DuckDbRequest);
    await delay(interruptWithinMs, undefined, { ref: false });
    if (this.#pending.size > 0) this.child.kill('SIGKILL');
  }

  #ask(request: Unnumbered<DuckDbRequest>): Promise<Extract<DuckDbAnswer, { ok: true }>> {
    this.signal.throwIfAborted();
    if (this.#ended !== null) return Promise.reject(processEnded(this.#ended));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.child.send({ ...request, id });
    });
  }

  #settle(answer: DuckDbAnswer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (pending === undefined) return;
    if (answer.ok) pending.resolve(answer);
    else pending.reject(this.signal.aborted ? this.signal.reason : toError(answer.message));
  }

  #end(how: string): void {
    this.#ended ??= how;
    const reason: unknown = this.signal.aborted ? this.signal.reason : processEnded(how);
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
  }
}

function toError(message: string): Error {
  if (/No space left on device|disk quota exceeded|could not write|max_temp_directory_size/i.test(message)) {
    return new TransientError(
      `The disk of table storage is full, nothing was published. Free some space. (${message})`,
      {
        code: 'STORAGE_FULL',
      },
    );
  }
  if (/out of memory/i.test(message)) {
    return new UserError(`The query needs more memory than it may use (1 GB): ${message}`, {
      code: 'OUT_OF_MEMORY',
    });
  }
  return new DuckDbError(message);
}

function processEnded(how: string): TransientError {
  return new TransientError(
    `The DuckDB process ended before it answered (${how}); it may have run out of memory.`,
    {
      code: 'DUCKDB_CRASHED',
    },
  );
}

/** The program of the process is compiled JavaScript, also when this file runs from its source, as in tests. */
function compiledChild(): string {
  return join(__dirname.replace(`${sep}src${sep}`, `${sep}dist${sep}`), 'child.js');
}
