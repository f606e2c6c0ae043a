import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { errorCodeOf } from '../../domain/errors';

const run = promisify(execFile);

/** A process's number and start, because numbers are given again: `4711 183021`. */
export async function identityOf(pid: number): Promise<string> {
  return `${pid} ${await startOf(pid)}`;
}

/** The process that an identity stands for, while it lives; `null` when it is gone. */
export async function findLiving(identity: string): Promise<number | null> {
  const pid = Number(identity.split(' ')[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return null;
  return (await identityOf(pid)) === identity.trim() ? pid : null;
}

async function startOf(pid: number): Promise<string> {
  if (process.platform !== 'linux') {
    const { stdout } = await run('ps', ['-p', String(pid), '-o', 'lstart=']).catch(() => ({ stdout: '' }));
    return stdout.trim();
  }
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in brackets may hold blanks. After it: the state first, the start as the 20th.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? 'ended' : (fields[19] ?? '');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, but it is another user's.
    return errorCodeOf(error) === 'EPERM';
  }
}
