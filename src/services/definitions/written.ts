import { NotFoundError, PreconditionFailedError } from '../../domain/errors';
import type { WriteOutcome } from '../../store/configurations';

/** Turns what became of a write into an answer or a refusal. `what` names the thing: `configuration cfg_1`. */
export function assertWritten(outcome: WriteOutcome, what: string, expectedVersion: number): void {
  switch (outcome) {
    case 'written':
      return;
    case 'missing':
      throw new NotFoundError(`There is no ${what}.`);
    case 'stale':
      throw new PreconditionFailedError(
        `Version ${expectedVersion} of ${what} is no longer the current one: somebody else has written. Read it again and repeat the change.`,
      );
  }
}
