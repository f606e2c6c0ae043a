import type { RetryPolicy } from '../model/orchestration';

const SECOND = 1_000;

/**
 * The pause before the next attempt, in milliseconds.
 *
 * @param failures failures of the work so far, 1 or more.
 * @param atLeastMs what the other side asked to wait (`Retry-After`); it wins when it is longer.
 */
export function retryDelayMs(policy: RetryPolicy, failures: number, atLeastMs = 0): number {
  const grown = policy.initialIntervalSeconds * policy.backoffCoefficient ** (failures - 1);
  const seconds = Math.min(grown, Math.max(policy.maximumIntervalSeconds, policy.initialIntervalSeconds));
  return Math.max(Math.round(seconds * SECOND), atLeastMs);
}
