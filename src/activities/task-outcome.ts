import type { TaskEnding } from '../domain/rules/outcome';

/** What the workflow learns of a task: how it ended, or that it has to wait for its turn. */
export interface TaskOutcome {
  readonly ending: TaskEnding | 'waiting';
}
