import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stopProcess } from '../../stop-process';
import type { RunningPart } from './supervised-part';

const stopWithinMs = 15_000;

/**
 * Starts one of the product's own programs. It ends itself when this process does: its IPC channel closes then.
 *
 * @param entry absolute path of its JavaScript file.
 * @param logFd where its output goes.
 * @throws when the system starts no further process.
 */
export async function startNodePart(
  entry: string,
  environment: NodeJS.ProcessEnv,
  logFd: number,
): Promise<RunningPart> {
  const child = spawn(process.execPath, [entry], {
    env: environment,
    stdio: ['ignore', logFd, logFd, 'ipc'],
    // In a process group of its own: Ctrl-C is for this process, which stops the parts in order.
    detached: true,
  });
  await once(child, 'spawn');
  return {
    process: child,
    stop: () => stopProcess(child, { signal: 'SIGTERM', withinMs: stopWithinMs }),
  };
}
