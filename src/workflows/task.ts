import { ActivityFailure, ApplicationFailure, CancellationScope, isCancellation } from '@temporalio/workflow';
import type { TaskEnding } from '../domain/rules/outcome';
import type { EndedTask, OpenTask, TaskOutcome } from '../activities/task/task-outcome';
import type { TaskRef } from './messages';
import { parkedForDays } from '../domain/rules/parked';
import { tasks } from './proxies';
import type { TaskDesk } from './task-desk';

const DAY_SECONDS = 86_400;

/**
 * Runs one task as an activity and answers how it ended; never rejects for a failed task. While others have what
 * it needs the activity ends at once and the task waits here, where it holds no slot of a worker.
 *
 * *Replay:* the activity's id and the order of scheduling are part of the history.
 */
export function runTask(runId: string, task: TaskRef, desk: TaskDesk): Promise<TaskEnding> {
  if (desk.isPaused) return runInTurn(runId, task, desk, { ending: 'paused' });
  return executeTask(runId, task).then(
    (outcome) => (isEnded(outcome) ? outcome.ending : runInTurn(runId, task, desk, outcome)),
    toEnding,
  );
}

/** A look at a task that did not find it ended. */
type OpenOutcome = OpenTask | { readonly ending: 'paused'; readonly lookAgainSeconds?: never };

/** The long way, for a task that waits for its turn, a person or a nested run, or whose run is paused. */
async function runInTurn(
  runId: string,
  task: TaskRef,
  desk: TaskDesk,
  first: OpenOutcome,
): Promise<TaskEnding> {
  let open = first;
  try {
    for (let looks = 0; ; looks += 1) {
      await untilNextLook(task, desk, open, looks);
      const outcome = await executeTask(runId, task);
      if (isEnded(outcome)) return outcome.ending;
      open = outcome;
    }
  } catch (error) {
    if (open.ending === 'nested' && isCancellation(error)) return stopNestedRun(runId, task, desk);
    return toEnding(error);
  }
}

async function untilNextLook(
  task: TaskRef,
  desk: TaskDesk,
  { ending, lookAgainSeconds }: OpenOutcome,
  looks: number,
): Promise<void> {
  // Nothing begins when a nested run has ended: its task only hears of it.
  if (ending === 'nested') {
    return desk.turnOf(task.id, Math.min(patience(looks), lookAgainSeconds ?? Number.POSITIVE_INFINITY));
  }
  if (ending === 'waiting') await desk.turnOf(task.id, patience(looks));
  if (ending === 'parked') await desk.turnOf(task.id, parkedForDays * DAY_SECONDS);
  return desk.untilResumed();
}

/** The run that is the task's work is stopped too, and the task ends when that run has confirmed. */
function stopNestedRun(runId: string, task: TaskRef, desk: TaskDesk): Promise<TaskEnding> {
  return CancellationScope.nonCancellable(async () => {
    try {
      for (;;) {
        const outcome = await executeTask(runId, task, { isStopping: true });
        if (isEnded(outcome)) return outcome.ending;
        await desk.turnOf(task.id, confirmAgainSeconds);
      }
    } catch (error) {
      return toEnding(error);
    }
  });
}

const confirmAgainSeconds = 10;

/** Seconds until a task looks by itself, in case nobody tells it. The pause grows. */
function patience(looks: number): number {
  return Math.min(60 * 2 ** looks, 600);
}

function executeTask(
  runId: string,
  task: TaskRef,
  options: { readonly isStopping?: boolean } = {},
): Promise<TaskOutcome> {
  const input = { runId, taskId: task.id, ...options };
  return tasks.runTask.executeWithOptions({ activityId: task.id, summary: task.name }, [input]);
}

function isEnded(outcome: TaskOutcome): outcome is EndedTask {
  return outcome.ending !== 'waiting' && outcome.ending !== 'parked' && outcome.ending !== 'nested';
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
