import { followActionLink, makeActionLinks, previewAction } from './action-links';
import { cancelRun } from './cancel-run';
import type { RunDependencies } from './dependencies';
import { getRun } from './get-run';
import { listRuns } from './list-runs';
import { pauseRun } from './pause-run';
import { readTaskLog } from './read-task-log';
import { readTree } from './read-tree';
import { planRetryOfRun, preselectRetry, retryRun } from './retry-run';
import { resolveTask } from './resolve-task';
import type { RunServices } from './run-services';
import { startRun } from './start-run';
import { watchRun } from './watch-run';

/** Binds the services of runs to what they need. */
export function createRunServices(dependencies: RunDependencies): RunServices {
  return {
    startRun: (request) => startRun(dependencies, request),
    listRuns: (filter) => listRuns(dependencies, filter),
    getRun: (runId) => getRun(dependencies, runId),
    readTree: (runId) => readTree(dependencies, runId),
    cancelRun: (runId, options) => cancelRun(dependencies, runId, options),
    preselectRetry: (runId) => preselectRetry(dependencies, runId),
    planRetry: (runId, request) => planRetryOfRun(dependencies, runId, request),
    retryRun: (runId, options) => retryRun(dependencies, runId, options),
    resolveTask: (task, options) => resolveTask(dependencies, task, options),
    makeActionLinks: (task, recipient) => makeActionLinks(dependencies, task, recipient),
    previewAction: (token) => previewAction(dependencies, token),
    followActionLink: (token, options) => followActionLink(dependencies, token, options),
    pauseRun: (runId, isPaused) => pauseRun(dependencies, runId, isPaused),
    watchRun: (runId, options) => watchRun(dependencies, runId, options),
    readTaskLog: (runId, taskId, options) => readTaskLog(dependencies, { runId, taskId }, options),
  };
}
