import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunningPart } from './supervised-part';

const stopWithinMs = 15_000;

/**
 * Starts one of the product's own programs. It ends itself when this process does: its IPC channel closes then.
 *
 * @param entry absolute path of its JavaScript file.
 * @param logFd where its output goes.
 */
export function startNodePart(entry: string, environment: NodeJS.ProcessEnv, logFd: number): RunningPart {
  const child = spawn(process.execPath, [entry], {
    env: environment,
    stdio: ['ignore', logFd, logFd, 'ipc'],
    // In a process group of its own: Ctrl-C is for this process, which stops the parts in order.
    detached: true,
  });
  return {
    process: child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const patience = new AbortController();
      await Promise.race([
        ended,
        delay(stopWithinMs, undefined, { signal: patience.signal }).catch(() => undefined),
      ]);
      patience.abort();
      // Harmless for a process that has ended.
      child.kill('SIGKILL');
      await ended;
    },
  };
}
