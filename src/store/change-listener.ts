import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';

/** What is said: a run itself changed, tasks of a run changed, lines were added to a task's log. */
export const changeChannels = {
  runs: 'run_changed',
  tasks: 'run_tasks_changed',
  logs: 'task_log_grown',
} as const;
export type ChangeChannel = (typeof changeChannels)[keyof typeof changeChannels];

const reconnectAfterMs = 1_000;

/** Waits for changes of one run. */
export interface ChangeWatch {
  /** Resolves when something changed since the last call, or after `atMostMs`, or when `signal` is aborted. */
  next(atMostMs: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

export interface ChangeListener {
  watch(channel: ChangeChannel, runId: string): ChangeWatch;
  close(): Promise<void>;
}

/**
 * Listens to PostgreSQL's notifications on a connection of its own, which is made anew when it breaks. What was
 * said in between is lost, so every watch is woken then and reads what it missed.
 */
export function openChangeListener(databaseUrl: string, onTrouble: (error: unknown) => void): ChangeListener {
  const watches = new Map<string, Set<() => void>>();
  const closing = new AbortController();
  let client: Client | undefined;

  const wake = (key: string) => {
    for (const wakeUp of watches.get(key) ?? []) wakeUp();
  };
  const wakeAll = () => {
    for (const key of watches.keys()) wake(key);
  };

  const listenOnce = async () => {
    const connection = new Client({
      connectionString: databaseUrl,
      application_name: 'orchestrator-listener',
    });
    client = connection;
    const broken = new Promise<void>((resolve) => {
      connection.on('end', resolve);
      connection.on('error', (error) => {
        onTrouble(error);
        resolve();
      });
    });
    connection.on('notification', ({ channel, payload }) => {
      wake(`${channel} ${payload ?? ''}`);
    });
    await connection.connect();
    for (const channel of Object.values(changeChannels)) await connection.query(`listen ${channel}`);
    wakeAll();
    await broken;
  };

  const listening = (async () => {
    while (!closing.signal.aborted) {
      await listenOnce().catch(onTrouble);
      await client?.end().catch(() => undefined);
      await delay(reconnectAfterMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  })();

  return {
    watch: (channel, runId) => openWatch(watches, `${channel} ${runId}`),
    async close() {
      closing.abort();
      await client?.end().catch(() => undefined);
      await listening;
    },
  };
}

function openWatch(watches: Map<string, Set<() => void>>, key: string): ChangeWatch {
  const here = watches.get(key) ?? new Set<() => void>();
  watches.set(key, here);
  let changed = false;
  let resolveNext: (() => void) | undefined;
  const wakeUp = () => {
    changed = true;
    resolveNext?.();
  };
  here.add(wakeUp);
  return {
    async next(atMostMs, signal) {
      if (!changed && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, atMostMs);
          resolveNext = () => {
            clearTimeout(timer);
            signal.removeEventListener('abort', wakeUp);
            resolve();
          };
          signal.addEventListener('abort', wakeUp, { once: true });
        });
      }
      changed = false;
      resolveNext = undefined;
    },
    close() {
      here.delete(wakeUp);
      if (here.size === 0) watches.delete(key);
    },
  };
}
