import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

interface StopOptions {
  /** What asks this program to end in good order. */
  readonly signal: NodeJS.Signals;
  /** How long it may take before it is killed. */
  readonly withinMs: number;
}

/** Ends a child and resolves when it is gone. Idempotent; harmless for one that has ended or never started. */
export async function stopProcess(child: ChildProcess, { signal, withinMs }: StopOptions): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  const patience = new AbortController();
  await Promise.race([ended, delay(withinMs, undefined, { signal: patience.signal }).catch(() => undefined)]);
  patience.abort();
  // Does nothing to a process that has ended.
  child.kill('SIGKILL');
  await ended;
}

/** Whether a child is gone, or was never there. */
export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
