import type { Context } from '@temporalio/activity';

/** Under a third of the heartbeat timeout in workflows/proxies.ts. */
const beatMs = 1_500;

/**
 * Beats from a timer while an activity runs, so that a dead worker is noticed and a cancel arrives, however busy
 * or silent the work is. Answers the function that ends it.
 */
export function startHeartbeat(context: Context): () => void {
  const timer = setInterval(() => {
    context.heartbeat();
  }, beatMs);
  return () => {
    clearInterval(timer);
  };
}
