import { CancellationScope } from '@temporalio/workflow';

interface WindowedWork<T, R> {
  readonly items: readonly T[];
  /** Items that are worked on at the same time. */
  readonly window: number;
  readonly work: (item: T) => Promise<R>;
  readonly onEnd: (result: R) => void;
}

/**
 * Works on every item, at most `window` at a time, and resolves when all that began have ended. After a cancellation
 * nothing new begins. The first rejection of `work` is thrown when all have ended.
 *
 * Written without lanes of `async` functions: Temporal takes a stack trace of every promise of a workflow, and a phase
 * has thousands of tasks.
 */
export function forEachInWindow<T, R>({ items, window, work, onEnd }: WindowedWork<T, R>): Promise<void> {
  const scope = CancellationScope.current();
  return new Promise((resolve, reject) => {
    const queue = items.values();
    let failure: Error | undefined;
    let running = 0;
    const begin = () => {
      while (running < window && !scope.consideredCancelled) {
        const next = queue.next();
        if (next.done === true) break;
        running += 1;
        work(next.value).then(ended, broke);
      }
      if (running > 0) return;
      if (failure === undefined) resolve();
      else reject(failure);
    };
    const ended = (result: R) => {
      running -= 1;
      onEnd(result);
      begin();
    };
    const broke = (error: Error) => {
      running -= 1;
      failure ??= error;
      begin();
    };
    begin();
  });
}
