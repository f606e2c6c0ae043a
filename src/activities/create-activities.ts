import type { ActivityDependencies } from './dependencies';
import { createBeginRun } from './run/begin-run';
import { createFinishRun } from './run/finish-run';
import { createLoadTasks } from './run/load-tasks';
import { createRetryPhase } from './run/retry-phase';
import { createRunTask } from './task/run-task';

/** Everything that workflows may ask of the world. */
export function createActivities(dependencies: ActivityDependencies) {
  return {
    beginRun: createBeginRun(dependencies),
    loadTasks: createLoadTasks(dependencies),
    finishRun: createFinishRun(dependencies),
    retryPhase: createRetryPhase(dependencies),
    runTask: createRunTask(dependencies),
  };
}

export type Activities = ReturnType<typeof createActivities>;
