import type { TaskEnding } from '../domain/rules/outcome';

/** What the workflow learns of a task that has ended. */
export interface TaskOutcome {
  readonly ending: TaskEnding;
}
