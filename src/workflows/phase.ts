import {
  type ChildWorkflowHandle,
  ParentClosePolicy,
  createEventGroup,
  isCancellation,
  startChild,
} from '@temporalio/workflow';
import { addTallies, emptyTally, type Tally } from '../domain/rules/outcome';
import { maxTasksInFlight, maxTasksPerWorkflow, planChunks } from '../domain/rules/phase-chunks';
import { chunkWorkflowId } from '../temporal/names';
import type { ChunkInput, PhaseRef } from './messages';
import { records } from './proxies';
import type { runTaskChunk } from './run-task-chunk';
import { runTasks } from './run-tasks';
import { pausedSignal, type TaskDesk } from './task-desk';
import { forEachInWindow } from './window';

export interface PhaseInput {
  readonly runId: string;
  readonly phaseIndex: number;
  readonly phase: PhaseRef;
  readonly maxParallelTasks: number | null;
}

/**
 * Runs all tasks of a phase side by side and answers how they ended, when every one of them has ended.
 * A large phase is cut into child workflows.
 */
export async function runPhase(input: PhaseInput, desk: TaskDesk): Promise<Tally> {
  const { runId, phaseIndex, phase, maxParallelTasks } = input;
  return createEventGroup(phase.name, { id: `phase-${phaseIndex}` }).withScope(async () => {
    if (phase.size > maxTasksPerWorkflow) return runInChunks(input, desk);
    const tasks =
      phase.tasks ?? (await records.loadTasks({ runId, phaseIndex, offset: 0, size: phase.size }));
    return runTasks({ runId, tasks, window: maxParallelTasks ?? maxTasksInFlight }, desk);
  });
}

async function runInChunks(
  { runId, phaseIndex, phase, maxParallelTasks }: PhaseInput,
  desk: TaskDesk,
): Promise<Tally> {
  const { chunks, parallelChunks, window } = planChunks(phase.size, maxParallelTasks);
  let tally = emptyTally;
  await forEachInWindow({
    items: chunks,
    window: parallelChunks,
    work: ({ offset, size }) => {
      const chunk = { runId, phaseIndex, phaseName: phase.name, offset, size, window };
      return runChunk({ ...chunk, isPaused: desk.isPaused }, desk);
    },
    onEnd: (part) => {
      tally = addTallies(tally, part);
    },
  });
  return tally;
}

async function runChunk(input: ChunkInput, desk: TaskDesk): Promise<Tally> {
  try {
    const chunk = await startChild<typeof runTaskChunk>('runTaskChunk', {
      args: [input],
      workflowId: chunkWorkflowId(input.runId, input.phaseIndex, input.offset),
      staticSummary: `${input.phaseName}: tasks ${input.offset + 1} to ${input.offset + input.size}`,
      parentClosePolicy: ParentClosePolicy.TERMINATE,
    });
    return await whilePassingPausesOn(chunk, input.isPaused, desk);
  } catch (error) {
    if (isCancellation(error)) return { ...emptyTally, terminated: input.size };
    throw error;
  }
}

/** Pauses and resumptions of the run reach its chunks too. */
async function whilePassingPausesOn(
  chunk: ChildWorkflowHandle<typeof runTaskChunk>,
  isPausedThere: boolean,
  desk: TaskDesk,
): Promise<Tally> {
  const passOn = (isPaused: boolean) => {
    // A chunk that has ended needs no telling.
    chunk.signal(pausedSignal, isPaused).catch(() => undefined);
  };
  if (desk.isPaused !== isPausedThere) passOn(desk.isPaused);
  const end = desk.onPause(passOn);
  try {
    return await chunk.result();
  } finally {
    end();
  }
}
