import type { RunStatus, TaskStatus } from '../model/run';

/** How the tasks of a phase or a run ended, counted. Plain JSON: it travels between workflows. */
export interface Tally {
  readonly succeeded: number;
  /** Ended with a warning of their own. */
  readonly warned: number;
  /** Failed, but `continueOnFailure` was set. */
  readonly tolerated: number;
  readonly failed: number;
  readonly terminated: number;
}

export const emptyTally: Tally = { succeeded: 0, warned: 0, tolerated: 0, failed: 0, terminated: 0 };

/** How one task ended, as far as the rest of the run is concerned. */
export type TaskEnding = keyof Tally;

export function countEnding(tally: Tally, ending: TaskEnding): Tally {
  return { ...tally, [ending]: tally[ending] + 1 };
}

export function addTallies(one: Tally, other: Tally): Tally {
  return {
    succeeded: one.succeeded + other.succeeded,
    warned: one.warned + other.warned,
    tolerated: one.tolerated + other.tolerated,
    failed: one.failed + other.failed,
    terminated: one.terminated + other.terminated,
  };
}

/** Whether the next phase may start after the phases so far. */
export function mayGoOn(tally: Tally): boolean {
  return tally.failed === 0 && tally.terminated === 0;
}

/** The status of a run that came to its end by itself. */
export function runOutcome(tally: Tally): Extract<RunStatus, 'success' | 'warning' | 'error'> {
  if (tally.failed > 0) return 'error';
  return tally.tolerated > 0 || tally.warned > 0 ? 'warning' : 'success';
}

/** The ending of a task by its final status; `null` for statuses that do not count (`skipped`, `notRun`, …). */
export function endingOf(status: TaskStatus, continueOnFailure: boolean): TaskEnding | null {
  switch (status) {
    case 'success':
      return 'succeeded';
    case 'warning':
      return 'warned';
    case 'error':
      return continueOnFailure ? 'tolerated' : 'failed';
    case 'terminated':
    case 'cancelled':
      return 'terminated';
    case 'skipped':
    case 'notRun':
    case 'pending':
    case 'waiting':
    case 'processing':
    case 'parked':
      return null;
  }
}
