import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { TaskEnding } from '../domain/rules/outcome';
import type { TaskRef } from './messages';
import { tasks } from './proxies';

/**
 * Runs one task as an activity and answers how it ended; never rejects for a failed task.
 *
 * *Replay:* the activity's id and the order of scheduling are part of the history.
 */
export async function runTask(runId: string, task: TaskRef): Promise<TaskEnding> {
  try {
    const outcome = await tasks.runTask.executeWithOptions({ activityId: task.id, summary: task.name }, [
      { runId, taskId: task.id },
    ]);
    return outcome.ending;
  } catch (error) {
    if (isCancellation(error)) return 'terminated';
    if (error instanceof ActivityFailure) return endingOfFailure(error);
    throw error;
  }
}

/** `run-task` says in the failure's details whether the task's failure is tolerated. */
function endingOfFailure(failure: ActivityFailure): TaskEnding {
  const cause = failure.cause;
  return cause instanceof ApplicationFailure && cause.details?.[0] === 'tolerated' ? 'tolerated' : 'failed';
}
