import type { TaskStatus } from '../model/run';

/** A task of the run that is retried. */
export interface OldTask {
  readonly taskId: string;
  readonly status: TaskStatus;
  /** The run whose result it has, when it did not run itself. */
  readonly reusedFrom: string | null;
}

/** What becomes of one task in a retry. */
export interface TaskFate {
  readonly taskId: string;
  readonly kind: 'runs' | 'reused' | 'notRun';
  readonly isNew: boolean;
  /** Whose result stands; only for `reused`. */
  readonly runId: string | null;
  readonly reason: string;
}

interface RetryToPlan {
  readonly oldRunId: string;
  readonly oldTasks: readonly OldTask[];
  readonly chosen: ReadonlySet<string>;
  /** The tasks of the new run, in order, and whether they are switched on. */
  readonly tasks: readonly { readonly taskId: string; readonly isEnabled: boolean }[];
}

/** What becomes of each task of the new run, with a reason for people. */
export function planRetry({ oldRunId, oldTasks, chosen, tasks }: RetryToPlan): readonly TaskFate[] {
  const old = new Map(oldTasks.map((task) => [task.taskId, task]));
  return tasks.map(({ taskId, isEnabled }) => {
    const before = old.get(taskId);
    const fate = (kind: TaskFate['kind'], reason: string, runId: string | null = null): TaskFate => ({
      taskId,
      kind,
      isNew: before === undefined,
      runId,
      reason,
    });
    if (before === undefined) {
      return isEnabled
        ? fate('runs', 'It is new since that run.')
        : fate('notRun', 'It is new since that run, and disabled.');
    }
    if (chosen.has(taskId)) return fate('runs', `It is chosen; in that run it was ${before.status}.`);
    if (before.status === 'success' || before.status === 'warning') {
      return fate('reused', `Its result of that run stands (${before.status}).`, oldRunId);
    }
    if (before.status === 'skipped' && before.reusedFrom !== null) {
      return fate('reused', `Its result of run ${before.reusedFrom} stands.`, before.reusedFrom);
    }
    return fate('notRun', `It is not chosen, and has no result: it was ${before.status}.`);
  });
}
