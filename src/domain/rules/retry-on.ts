import type { RetryPolicy } from '../model/orchestration';
import type { TaskError } from '../model/run';

/**
 * Whether another attempt can help. By itself only what may pass is tried again: not what somebody has to mend. With
 * `retryOn` exactly those errors are, of either kind, whose code or message contains one of its texts.
 */
export function isWorthRetrying({ retryOn }: Pick<RetryPolicy, 'retryOn'>, error: TaskError): boolean {
  if (retryOn === undefined || retryOn === null) return error.type === 'application';
  const said = `${error.code}: ${error.message}`.toLowerCase();
  return retryOn.some((text) => said.includes(text.toLowerCase()));
}
