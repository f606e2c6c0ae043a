import { CancellationScope } from '@temporalio/workflow';

/**
 * Calls `work` for every item, at most `window` at a time, and resolves when all that began have ended.
 * After a cancellation nothing new begins. The first rejection of `work` is thrown when all have ended.
 */
export async function forEachInWindow<T>(
  items: readonly T[],
  window: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const scope = CancellationScope.current();
  const queue = items.values();
  const lane = async () => {
    for (const item of queue) {
      if (scope.consideredCancelled) return;
      await work(item);
    }
  };
  const lanes = Array.from({ length: Math.min(window, items.length) }, lane);
  const failed = (await Promise.allSettled(lanes)).find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
