import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { TaskEnding } from '../domain/rules/outcome';
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
  // Few promises: a phase has thousands of tasks, and each promise costs the replay.
  return attempt(runId, task).then((ending) =>
    ending === 'waiting' || ending === 'parked' ? runInTurn(runId, task, desk, ending) : ending,
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
      ending = await attempt(runId, task);
      if (ending !== 'waiting' && ending !== 'parked') return ending;
    }
  } catch (error) {
    // Cancelled while it waited.
    if (isCancellation(error)) return 'terminated';
    throw error;
  }
}

/** The pause grows, in case nobody tells the task. */
function lookAgainSeconds(looks: number): number {
  return Math.min(60 * 2 ** looks, 600);
}

function attempt(runId: string, task: TaskRef): Promise<TaskEnding | NotYet> {
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
