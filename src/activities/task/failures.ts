import { ApplicationFailure } from '@temporalio/common';
import { TransientError, UnavailableError, isDomainError } from '../../domain/errors';
import type { TaskError } from '../../domain/model/run';

/** Where a failure of a task's work is put into Temporal's words, and back. No other place knows both. */

/** Longest message kept of a failure; a vendor may answer with a page. */
const longestMessage = 4_000;

export type ToleratedOrFailed = 'tolerated' | 'failed';

/** What went wrong with the work, as the run's record says it. `mask` takes secrets out of the sentence. */
export function toTaskError(error: unknown, attempt: number, mask: (text: string) => string): TaskError {
  const message = mask(messageOf(error)).replaceAll('\u0000', '').slice(0, longestMessage);
  if (isDomainError(error)) {
    return { code: error.code, message, type: error.kind === 'user' ? 'user' : 'application', attempt };
  }
  return {
    code: 'INTERNAL',
    message: `The component failed unexpectedly: ${message}`,
    type: 'application',
    attempt,
  };
}

/** Whether not the work failed but Temporal does not answer, which a nested run needs. */
export function isAway(error: unknown): boolean {
  return error instanceof UnavailableError;
}

/** How long the other side asked to be left alone, in milliseconds. */
export function retryAfterMsOf(error: unknown): number {
  return error instanceof TransientError ? (error.retryAfterMs ?? 0) : 0;
}

/** The task failed for good. The workflow reads from the details whether the run goes on. */
export function failedForGood(error: TaskError, tolerated: ToleratedOrFailed): ApplicationFailure {
  return ApplicationFailure.create({
    message: error.message,
    type: error.code,
    nonRetryable: true,
    details: [tolerated],
  });
}

/** This attempt failed; Temporal starts the next one after the pause. A pause of nothing would mean "never" to it. */
export function tryAgain(error: TaskError, pauseMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    message: error.message,
    type: error.code,
    nextRetryDelay: Math.max(Math.ceil(pauseMs), 1),
  });
}

/** Not the work failed but something of ours was away: repeated without counting. */
export function interrupted(message: string, cause?: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type: 'Interrupted',
    ...(cause instanceof Error ? { cause } : {}),
  });
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message === '' ? error.name : error.message;
  return String(error);
}
