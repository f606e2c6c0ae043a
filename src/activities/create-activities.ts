import type { ActivityDependencies } from './dependencies';
import { createBeginRun } from './begin-run';
import { createFinishRun } from './finish-run';
import { createLoadTasks } from './load-tasks';
import { createRetryPhase } from './retry-phase';
import { createRunTask } from './run-task';

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
