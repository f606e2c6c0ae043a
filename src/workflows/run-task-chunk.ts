import type { Tally } from '../domain/rules/outcome';
import type { ChunkInput } from './messages';
import { records } from './proxies';
import { runTasks } from './run-tasks';
import { TaskDesk } from './task-desk';

/** Runs a part of a phase that is too large for one workflow. Ends when each of its tasks has ended, cancelled or not. */
export async function runTaskChunk(input: ChunkInput): Promise<Tally> {
  const desk = new TaskDesk();
  desk.beginPaused(input.isPaused);
  const tasks = await records.loadTasks(input);
  return runTasks({ runId: input.runId, tasks, window: input.window }, desk);
}
