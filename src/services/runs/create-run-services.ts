import { followActionLink, makeActionLinks, previewAction } from './steer/action-links';
import { cancelRun } from './steer/cancel-run';
import type { RunDependencies } from './dependencies';
import { getRun } from './read/get-run';
import { listRuns } from './read/list-runs';
import { pauseRun } from './steer/pause-run';
import { readTaskLog } from './read/read-task-log';
import { readTree } from './read/read-tree';
import { preselectRetry } from './start/decide-retry';
import { planRetryOfRun, retryRun } from './start/retry-run';
import { resolveTask } from './steer/resolve-task';
import type { RunServices } from './run-services';
import { startRun } from './start/start-run';
import { watchRun } from './read/watch-run';

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
