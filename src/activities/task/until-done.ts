import { setTimeout as delay } from 'node:timers/promises';

const firstPauseMs = 100;
const longestPauseMs = 2_000;

/**
 * Repeats a write until it succeeds: work that has been done is not thrown away because the database is away
 * for a moment.
 *
 * @param isWorthRepeating whether an error will pass by itself; others are thrown at once.
 * @param signal ends the repeating: the last error is thrown.
 */
export async function untilDone<T>(
  write: () => Promise<T>,
  isWorthRepeating: (error: unknown) => boolean,
  signal: AbortSignal,
): Promise<T> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await write();
    } catch (error) {
      if (signal.aborted || !isWorthRepeating(error)) throw error;
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
