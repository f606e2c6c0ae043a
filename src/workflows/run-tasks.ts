import { countEnding, emptyTally, type Tally } from '../domain/rules/outcome';
import type { TaskRef } from './messages';
import { runTask } from './task';
import type { TaskDesk } from './task-desk';
import { forEachInWindow } from './window';

interface TasksToRun {
  readonly runId: string;
  readonly tasks: readonly TaskRef[];
  /** Tasks in flight at the same time. */
  readonly window: number;
}

/** Runs tasks side by side, at most `window` at a time, and counts their endings. */
export async function runTasks({ runId, tasks, window }: TasksToRun, desk: TaskDesk): Promise<Tally> {
  let tally = emptyTally;
  await forEachInWindow({
    items: tasks,
    window,
    work: (task) => runTask(runId, task, desk),
    onEnd: (ending) => {
      tally = countEnding(tally, ending);
    },
  });
  return tally;
}
