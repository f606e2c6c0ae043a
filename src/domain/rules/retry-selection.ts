import type { RunStatus, TaskStatus } from '../model/run';

/** A task of an ended run, as far as a retry is concerned. */
export interface EndedTask {
  readonly taskId: string;
  readonly phaseIndex: number;
  readonly status: TaskStatus;
}

/**
 * The tasks that a retry of an ended run would run by itself. Walks the tasks in order, looking only at those that
 * were to run: chosen are all of a run that succeeded, every task that did not succeed, and every task after a failure
 * but for those of the phase in which the first failure was: their results stand.
 *
 * @param tasks in the order of phases and positions.
 */
export function retrySelection(runStatus: RunStatus, tasks: readonly EndedTask[]): readonly string[] {
  const toRun = tasks.filter((task) => task.status !== 'skipped');
  const firstFailed = toRun.findIndex((task) => task.status !== 'success');
  const failedPhase = toRun[firstFailed]?.phaseIndex;
  return toRun
    .filter(
      ({ status, phaseIndex }, index) =>
        runStatus === 'success' ||
        status !== 'success' ||
        (firstFailed !== -1 && index > firstFailed && phaseIndex !== failedPhase),
    )
    .map((task) => task.taskId);
}
