import type { TaskEnding } from '../domain/rules/outcome';

/** What the workflow learns of a task: how it ended, or that it waits for its turn or for a person. */
export interface TaskOutcome {
  readonly ending: TaskEnding | 'waiting' | 'parked';
}
