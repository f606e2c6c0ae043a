import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/create-activities';

/**
 * A worker that died is noticed after this; the beat comes from a timer in the activity, not from progress.
 */
const heartbeatTimeout = '5s';

/**
 * Tasks. How often the work is tried again is counted by `run-task` itself; Temporal's policy has no limit
 * so that the loss of a worker, of the database or of a connection never uses up one of the task's attempts.
 */
export const tasks = proxyActivities<Pick<Activities, 'runTask'>>({
  startToCloseTimeout: '365 days',
  heartbeatTimeout,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1s', backoffCoefficient: 1, maximumInterval: '1s' },
});

/**
 * Short look-ups and writes of the run's own record: they run inside the workflow task, without a trip
 * through Temporal's queues. Repeated until PostgreSQL answers.
 */
export const records = proxyLocalActivities<
  Pick<Activities, 'beginRun' | 'loadTasks' | 'retryPhase' | 'finishRun'>
>({
  startToCloseTimeout: '30s',
  localRetryThreshold: '10s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
});
