import { openSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ConflictError, UserError, errorCodeOf, errorMessageOf } from '../domain/errors';
import { noteProcess, stopLeftOvers } from './processes/left-over';
import { findLiving, identityOf } from './processes/process-identity';

const rotateAboveBytes = 20_000_000;
const tailBytes = 8_000;
/** Between making the lock and writing into it a process needs microseconds. */
const emptyLockPatienceMs = 1_000;

/** The data folder, in the hands of this process. */
export interface DataFolder {
  /** Opens a log for appending. One that has grown beyond 20 MB is put aside first, as `<name>.log.1`. */
  openLog(name: string): Promise<number>;
  /** What a part said last in its log, for the sentence when it does not start; empty for nothing. */
  lastWords(name: string): Promise<string>;
  /** Notes which process a part runs as, so that the next start stops it when this one is killed. */
  note(name: string, pid: number | undefined): Promise<void>;
  /** Gives the folder back. */
  release(): Promise<void>;
}

/**
 * Takes the data folder for this process. A lock of a process that is gone is taken over, and what that process
 * has left behind is stopped.
 *
 * @throws ConflictError when another product runs on it; UserError when it cannot be written.
 */
export async function takeDataFolder(dataDir: string): Promise<DataFolder> {
  const logs = join(dataDir, 'logs');
  const lock = join(dataDir, 'start.lock');
  const processes = join(dataDir, 'processes');
  const own = await identityOf(process.pid);
  try {
    await mkdir(logs, { recursive: true, mode: 0o700 });
    await takeLock(lock, own);
    await stopLeftOvers(processes);
  } catch (cause) {
    throw cause instanceof ConflictError ? cause : notWritable(dataDir, cause);
  }
  const pathOf = (name: string) => join(logs, `${name}.log`);
  return {
    openLog: (name) => openLog(pathOf(name)),
    lastWords: (name) => readLastWords(pathOf(name)).catch(() => ''),
    note: async (name, pid) => {
      if (pid !== undefined) await noteProcess(processes, name, pid);
    },
    async release() {
      if ((await readFile(lock, 'utf8').catch(() => '')) === own) await rm(lock, { force: true });
    },
  };
}

async function openLog(path: string): Promise<number> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > rotateAboveBytes) await rename(path, `${path}.1`);
  // A plain descriptor, which lives as long as this process: children write to it, also after a restart.
  return openSync(path, 'a', 0o600);
}

/** The last line; of one in JSON, its message. */
async function readLastWords(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, tailBytes);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const line = buffer.toString().trim().split('\n').at(-1) ?? '';
    return line.startsWith('{') ? messageIn(line) : line;
  } finally {
    await file.close();
  }
}

function messageIn(line: string): string {
  const parsed = JSON.parse(line) as { msg?: unknown };
  return typeof parsed.msg === 'string' ? parsed.msg : '';
}

async function takeLock(lock: string, own: string): Promise<void> {
  for (;;) {
    try {
      await writeFile(lock, own, { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      if (errorCodeOf(error) !== 'EEXIST') throw error;
    }
    const holder = await readHolder(lock);
    const pid = await findLiving(holder);
    if (pid !== null) {
      throw new ConflictError(
        `Another Orchestrator (process ${pid}) runs on the data folder of ${lock}. Stop it, or set DATA_DIR to another folder.`,
        { code: 'DATA_FOLDER_TAKEN' },
      );
    }
    await removeStale(lock, holder);
  }
}

async function readHolder(lock: string): Promise<string> {
  const giveUpAt = Date.now() + emptyLockPatienceMs;
  for (;;) {
    const holder = await readFile(lock, 'utf8').catch(() => '');
    if (holder !== '' || Date.now() > giveUpAt) return holder;
    await delay(20);
  }
}

/** Removes a lock, unless another process has replaced it meanwhile: of two that do this only one moves it away. */
async function removeStale(lock: string, holder: string): Promise<void> {
  const aside = `${lock}.${process.pid}`;
  await rename(lock, aside).catch((error: unknown) => {
    if (errorCodeOf(error) !== 'ENOENT') throw error;
  });
  const moved = await readFile(aside, 'utf8').catch(() => holder);
  if (moved === holder) await rm(aside, { force: true });
  else await rename(aside, lock);
}

function notWritable(dataDir: string, cause: unknown): UserError {
  const full = errorCodeOf(cause) === 'ENOSPC';
  const advice = full
    ? 'The disk is full: free some space and start again.'
    : 'Give this user the right to it, or set DATA_DIR to another folder.';
  return new UserError(`The data folder ${dataDir} cannot be written (${errorMessageOf(cause)}). ${advice}`, {
    code: 'DATA_FOLDER_NOT_WRITABLE',
    cause,
  });
}
