import type { RunStatus, TaskStatus } from '../model/run';

/** Which run statuses are final: nothing of such a run changes any more. */
const finishedRuns: Record<RunStatus, boolean> = {
  created: false,
  waiting: false,
  processing: false,
  terminating: false,
  success: true,
  warning: true,
  error: true,
  cancelled: true,
  terminated: true,
};

/** Which task statuses are final. */
const finishedTasks: Record<TaskStatus, boolean> = {
  pending: false,
  waiting: false,
  processing: false,
  parked: false,
  success: true,
  warning: true,
  error: true,
  cancelled: true,
  terminated: true,
  skipped: true,
  notRun: true,
};

export function isFinishedRun(status: RunStatus): boolean {
  return finishedRuns[status];
}

export function isFinishedTask(status: TaskStatus): boolean {
  return finishedTasks[status];
}
