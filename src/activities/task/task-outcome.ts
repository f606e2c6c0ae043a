import type { TaskEnding } from '../../domain/rules/outcome';

/** What the workflow learns of a task: how it ended, or what it waits for. */
export type TaskOutcome = EndedTask | OpenTask;

export interface EndedTask {
  readonly ending: TaskEnding;
}

export interface OpenTask {
  readonly ending: NotYet;
  /** The task has to be looked at again after this, whatever happens: it has a time-out. */
  readonly lookAgainSeconds?: number;
}

/** Why a task has no ending yet: it waits for its turn, for a person, or for the run that is its work. */
export type NotYet = 'waiting' | 'parked' | 'nested';
