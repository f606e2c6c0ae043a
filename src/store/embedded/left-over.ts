import { execFile } from 'node:child_process';
import { readFile, readdir, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { UserError } from '../../domain/errors';

const run = promisify(execFile);
const stopWithinMs = 10_000;

/**
 * Stops what still runs on a cluster's files because the product that had started it was killed: the server, or
 * sessions that have outlived it. Then takes away a `postmaster.pid` that would keep the next server from starting:
 * PostgreSQL believes it as long as *any* process has that number, be it a zombie or another program.
 *
 * The caller holds the data folder, so nobody else is starting a server there.
 */
export async function stopLeftOver(folder: string): Promise<void> {
  const pidFile = join(folder, 'postmaster.pid');
  const serverPid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  let running = await processesOn(folder, serverPid);
  if (running.includes(serverPid)) signal(serverPid, 'SIGINT');
  const giveUpAt = Date.now() + stopWithinMs;
  while (running.length > 0) {
    // Sessions without their server have nobody left to stop them; what they had not committed is lost anyway.
    if (!running.includes(serverPid) || Date.now() > giveUpAt) {
      for (const pid of running) signal(pid, 'SIGKILL');
    }
    if (Date.now() > giveUpAt + stopWithinMs) throw cannotStop(folder, running);
    await delay(20);
    running = await processesOn(folder, serverPid);
  }
  if (serverPid > 0 && signal(serverPid, 0)) await rm(pidFile, { force: true });
}

/** The processes of PostgreSQL that work on this folder. Outside Linux only the server itself is found. */
async function processesOn(folder: string, serverPid: number): Promise<number[]> {
  if (process.platform !== 'linux') {
    return serverPid > 1 && (await commandOf(serverPid)).includes(folder) ? [serverPid] : [];
  }
  const place = await realpath(folder);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => worksIn(pid, place)));
  return pids.filter((_, index) => found[index]);
}

/** PostgreSQL makes the cluster's folder its working directory, in the server and in every session. */
async function worksIn(pid: number, place: string): Promise<boolean> {
  try {
    const [program, directory] = await Promise.all([
      readlink(`/proc/${pid}/exe`),
      readlink(`/proc/${pid}/cwd`),
    ]);
    return directory === place && /\/postgres( \(deleted\))?$/.test(program);
  } catch {
    // Gone meanwhile, a zombie, or somebody else's.
    return false;
  }
}

function cannotStop(folder: string, pids: readonly number[]): UserError {
  return new UserError(
    `A PostgreSQL of an earlier start still works on ${folder} and cannot be stopped (process ${pids.join(', ')}). Stop it by hand, or restart the machine.`,
    { code: 'POSTGRES_LEFT_OVER' },
  );
}

async function commandOf(pid: number): Promise<string> {
  return run('ps', ['-p', String(pid), '-o', 'args=']).then(
    ({ stdout }) => stdout,
    () => '',
  );
}

/** Answers whether there is such a process of this user. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}
