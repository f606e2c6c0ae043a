import { ParentClosePolicy, createEventGroup, executeChild, isCancellation } from '@temporalio/workflow';
import { addTallies, emptyTally, type Tally } from '../domain/rules/outcome';
import { maxTasksInFlight, maxTasksPerWorkflow, planChunks } from '../domain/rules/phase-chunks';
import { chunkWorkflowId } from '../temporal/names';
import type { ChunkInput, PhaseRef } from './messages';
import { records } from './proxies';
import type { runTaskChunk } from './run-task-chunk';
import { runTasks } from './run-tasks';
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
export async function runPhase(input: PhaseInput): Promise<Tally> {
  const { runId, phaseIndex, phase, maxParallelTasks } = input;
  return createEventGroup(phase.name, { id: `phase-${phaseIndex}` }).withScope(async () => {
    if (phase.size > maxTasksPerWorkflow) return runInChunks(input);
    const tasks =
      phase.tasks ?? (await records.loadTasks({ runId, phaseIndex, offset: 0, size: phase.size }));
    return runTasks(runId, tasks, maxParallelTasks ?? maxTasksInFlight);
  });
}

async function runInChunks({ runId, phaseIndex, phase, maxParallelTasks }: PhaseInput): Promise<Tally> {
  const { chunks, parallelChunks, window } = planChunks(phase.size, maxParallelTasks);
  let tally = emptyTally;
  await forEachInWindow(chunks, parallelChunks, async ({ offset, size }) => {
    const part = await runChunk({ runId, phaseIndex, phaseName: phase.name, offset, size, window });
    tally = addTallies(tally, part);
  });
  return tally;
}

async function runChunk(input: ChunkInput): Promise<Tally> {
  try {
    return await executeChild<typeof runTaskChunk>('runTaskChunk', {
      args: [input],
      workflowId: chunkWorkflowId(input.runId, input.phaseIndex, input.offset),
      staticSummary: `${input.phaseName}: tasks ${input.offset + 1} to ${input.offset + input.size}`,
      parentClosePolicy: ParentClosePolicy.TERMINATE,
    });
  } catch (error) {
    if (isCancellation(error)) return { ...emptyTally, terminated: input.size };
    throw error;
  }
}
