import {
  CancellationScope,
  type ChildWorkflowHandle,
  ParentClosePolicy,
  createEventGroup,
  isCancellation,
  sleep,
  startChild,
} from '@temporalio/workflow';
import { addTallies, emptyTally, type Tally } from '../domain/rules/outcome';
import { maxTasksInFlight, maxTasksPerWorkflow, planChunks } from '../domain/rules/phase-chunks';
import { chunkWorkflowId } from '../temporal/names';
import type { ChunkInput, PhaseAttempt, PhaseRef, TasksToRun } from './messages';
import { records } from './proxies';
import type { runTaskChunk } from './run-task-chunk';
import { runTasks } from './run-tasks';
import { pausedSignal, type TaskDesk } from './task-desk';
import { forEachInWindow } from './window';

interface PhaseInput {
  readonly runId: string;
  readonly phaseIndex: number;
  readonly phase: PhaseRef;
  readonly maxParallelTasks: number | null;
}

/**
 * Runs all tasks of a phase side by side and answers how they ended, when every one of them has ended. Where the phase
 * has a retry of its own, its failed tasks are run again.
 */
export async function runPhase(input: PhaseInput, desk: TaskDesk): Promise<Tally> {
  const { runId, phaseIndex, phase } = input;
  const maximumAttempts = phase.retry?.maximumAttempts ?? 1;
  return createEventGroup(phase.name, { id: `phase-${phaseIndex}` }).withScope(async () => {
    let tally = await runAttempt({ ...input, ...phase, attempt: 1 }, desk);
    for (let attempt = 2; attempt <= maximumAttempts && tally.failed > 0 && !isCancelled(); attempt += 1) {
      const seconds = phase.retry?.intervalSeconds ?? 0;
      if (seconds > 0)
        await sleep(seconds * 1_000, { summary: `Pause before attempt ${attempt} of the phase` });
      const failed = await records.retryPhase({ runId, phaseIndex, attempt });
      if (failed.size === 0) break;
      tally = addTallies(
        { ...tally, failed: tally.failed - failed.size },
        await runAttempt({ ...input, ...failed, attempt }, desk),
      );
    }
    return tally;
  });
}

function isCancelled(): boolean {
  return CancellationScope.current().consideredCancelled;
}

/** One time that tasks of a phase are run: all of them, or those that failed before. */
type AttemptInput = PhaseInput & PhaseAttempt & TasksToRun;

/** A large phase is cut into child workflows. */
async function runAttempt(input: AttemptInput, desk: TaskDesk): Promise<Tally> {
  const { runId, phaseIndex, attempt, size, maxParallelTasks } = input;
  if (size > maxTasksPerWorkflow) return runInChunks(input, desk);
  const tasks = input.tasks ?? (await records.loadTasks({ runId, phaseIndex, attempt, offset: 0, size }));
  return runTasks({ runId, tasks, window: maxParallelTasks ?? maxTasksInFlight }, desk);
}

async function runInChunks(
  { runId, phaseIndex, attempt, phase, size: total, maxParallelTasks }: AttemptInput,
  desk: TaskDesk,
): Promise<Tally> {
  const { chunks, parallelChunks, window } = planChunks(total, maxParallelTasks);
  let tally = emptyTally;
  await forEachInWindow({
    items: chunks,
    window: parallelChunks,
    work: ({ offset, size }) => {
      const chunk = { runId, phaseIndex, attempt, phaseName: phase.name, offset, size, window };
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
      workflowId: chunkWorkflowId(input),
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
