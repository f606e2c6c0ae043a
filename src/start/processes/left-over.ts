import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findLiving, identityOf } from './process-identity';

const stopWithinMs = 5_000;

/** Notes which process a part runs as, so that the next start can stop it when this one is killed. */
export async function noteProcess(folder: string, name: string, pid: number): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, name), await identityOf(pid));
}

/** Stops the noted processes that still live, by force after five seconds, and forgets all of them. */
export async function stopLeftOvers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  await Promise.all(
    names.map(async (name) => {
      await stopOne(await readFile(join(folder, name), 'utf8'));
      await rm(join(folder, name), { force: true });
    }),
  );
}

async function stopOne(identity: string): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const pid = await findLiving(identity);
    if (pid === null) return;
    send(pid, signal);
    const giveUpAt = Date.now() + stopWithinMs;
    while (Date.now() < giveUpAt && (await findLiving(identity)) !== null) await delay(20);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended a moment ago.
  }
}
