import { countEnding, emptyTally, type Tally } from '../domain/rules/outcome';
import type { TaskRef } from './messages';
import { runTask } from './task';
import { forEachInWindow } from './window';

/** Runs tasks side by side, at most `window` at a time, and counts their endings. */
export async function runTasks(runId: string, tasks: readonly TaskRef[], window: number): Promise<Tally> {
  let tally = emptyTally;
  await forEachInWindow(tasks, window, (task) =>
    runTask(runId, task).then((ending) => {
      tally = countEnding(tally, ending);
    }),
  );
  return tally;
}
