import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { TaskEnding } from '../domain/rules/outcome';
import type { TaskRef } from './messages';
import { tasks } from './proxies';

/**
 * Runs one task as an activity and answers how it ended; never rejects for a failed task.
 *
 * *Replay:* the activity's id and the order of scheduling are part of the history.
 */
export function runTask(runId: string, task: TaskRef): Promise<TaskEnding> {
  // Few promises: a phase has thousands of tasks, and each promise costs the replay.
  return tasks.runTask
    .executeWithOptions({ activityId: task.id, summary: task.name }, [{ runId, taskId: task.id }])
    .then(({ ending }) => ending, toEnding);
}

function toEnding(error: unknown): TaskEnding {
  if (isCancellation(error)) return 'terminated';
  if (error instanceof ActivityFailure) return endingOfFailure(error);
  throw error;
}

/** `run-task` says in the failure's details whether the task's failure is tolerated. */
function endingOfFailure(failure: ActivityFailure): TaskEnding {
  const cause = failure.cause;
  return cause instanceof ApplicationFailure && cause.details?.[0] === 'tolerated' ? 'tolerated' : 'failed';
}
