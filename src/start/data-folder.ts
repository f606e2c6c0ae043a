import { openSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConflictError, UserError, errorCodeOf } from '../domain/errors';

const rotateAboveBytes = 20_000_000;

/** The data folder, in the hands of this process. */
export interface DataFolder {
  /** Opens a log for appending. One that has grown beyond 20 MB is put aside first, as `<name>.log.1`. */
  openLog(name: string): Promise<number>;
  /** Gives the folder back. */
  release(): Promise<void>;
}

/**
 * Takes the data folder for this process. A lock of a process that is gone is taken over.
 *
 * @throws ConflictError when another product runs on it; UserError when it cannot be written.
 */
export async function takeDataFolder(dataDir: string): Promise<DataFolder> {
  const logs = join(dataDir, 'logs');
  const lock = join(dataDir, 'start.lock');
  await mkdir(logs, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw notWritable(dataDir, cause);
  });
  const own = await identityOf(process.pid);
  await takeLock(lock, own).catch((cause: unknown) => {
    throw cause instanceof ConflictError ? cause : notWritable(dataDir, cause);
  });
  return {
    async openLog(name) {
      const path = join(logs, `${name}.log`);
      const size = await stat(path).then(
        (found) => found.size,
        () => 0,
      );
      if (size > rotateAboveBytes) await rename(path, `${path}.1`);
      // A plain descriptor, which lives as long as this process: children write to it, also after a restart.
      return openSync(path, 'a', 0o600);
    },
    async release() {
      if ((await readFile(lock, 'utf8').catch(() => '')) === own) await rm(lock, { force: true });
    },
  };
}

async function takeLock(lock: string, own: string): Promise<void> {
  for (;;) {
    try {
      await writeFile(lock, own, { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      if (errorCodeOf(error) !== 'EEXIST') throw error;
    }
    const holder = await readFile(lock, 'utf8').catch(() => '');
    const pid = Number(holder.split(' ')[0]);
    if (isAlive(pid) && (await identityOf(pid)) === holder) {
      throw new ConflictError(
        `Another Orchestrator (process ${pid}) runs on the data folder of ${lock}. Stop it, or set DATA_DIR to another folder.`,
        { code: 'DATA_FOLDER_TAKEN' },
      );
    }
    await rm(lock, { force: true });
  }
}

/** A process's number and start, because numbers are given again. Without /proc the number has to do. */
async function identityOf(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in brackets may hold blanks; the start is the 20th field after it.
  const startedAt = line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return `${pid} ${startedAt}`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function notWritable(dataDir: string, cause: unknown): UserError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new UserError(
    `The data folder ${dataDir} cannot be written (${why}). Give this user the right to it, or set DATA_DIR to another folder.`,
    { code: 'DATA_FOLDER_NOT_WRITABLE', cause },
  );
}
