import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { TaskEnding } from '../domain/rules/outcome';
import type { TaskOutcome } from '../activities/task-outcome';
import type { TaskRef } from './messages';
import { parkedForDays } from '../domain/rules/parked';
import { tasks } from './proxies';
import type { TaskDesk } from './task-desk';

const DAY_SECONDS = 86_400;

/** Why a task has no ending yet. */
type NotYet = 'waiting' | 'parked';

/**
 * Runs one task as an activity and answers how it ended; never rejects for a failed task. While others have what
 * it needs the activity ends at once and the task waits here, where it holds no slot of a worker.
 *
 * *Replay:* the activity's id and the order of scheduling are part of the history.
 */
export function runTask(runId: string, task: TaskRef, desk: TaskDesk): Promise<TaskEnding> {
  if (desk.isPaused) return runInTurn(runId, task, desk, 'paused');
  return executeTask(runId, task).then(
    ({ ending }) => (isNotYet(ending) ? runInTurn(runId, task, desk, ending) : ending),
    toEnding,
  );
}

/** The long way, for a task that waits for its turn or for a person, or whose run is paused. */
async function runInTurn(
  runId: string,
  task: TaskRef,
  desk: TaskDesk,
  reason: NotYet | 'paused',
): Promise<TaskEnding> {
  let ending: TaskEnding | NotYet | 'paused' = reason;
  try {
    for (let looks = 0; ; looks += 1) {
      if (ending === 'waiting') await desk.turnOf(task.id, lookAgainSeconds(looks));
      if (ending === 'parked') await desk.turnOf(task.id, parkedForDays * DAY_SECONDS);
      await desk.untilResumed();
      ({ ending } = await executeTask(runId, task));
      if (!isNotYet(ending)) return ending;
    }
  } catch (error) {
    return toEnding(error);
  }
}

/** The pause grows, in case nobody tells the task. */
function lookAgainSeconds(looks: number): number {
  return Math.min(60 * 2 ** looks, 600);
}

function executeTask(runId: string, task: TaskRef): Promise<TaskOutcome> {
  const input = { runId, taskId: task.id };
  return tasks.runTask.executeWithOptions({ activityId: task.id, summary: task.name }, [input]);
}

function isNotYet(ending: TaskOutcome['ending']): ending is NotYet {
  return ending === 'waiting' || ending === 'parked';
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
