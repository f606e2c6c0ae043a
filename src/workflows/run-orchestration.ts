import {
  CancellationScope,
  getExternalWorkflowHandle,
  isCancellation,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { RunError, RunStatus } from '../domain/model/run';
import { runOutcome } from '../domain/rules/outcome';
import { grantedSignalName, runWorkflowId, taskGrantedSignalName } from '../temporal/names';
import type { FinishInput, RunInput } from './messages';
import { PhaseRunner } from './phase-runner';
import { records } from './proxies';
import { runStatusAttribute } from './search-attributes';
import { StopDesk } from './stop-desk';
import { TaskDesk } from './task-desk';
import { waitForTurn } from './wait-for-turn';

/**
 * One run of an orchestration: its phases in order, the tasks of each side by side.
 *
 * *Replay:* a change of what is scheduled, or of its order, needs a patch; test/workflows/replay holds histories.
 */
export async function runOrchestration(input: RunInput): Promise<RunStatus> {
  const stopDesk = new StopDesk();
  const taskDesk = new TaskDesk();
  const answer = await waitForTurn(input.runId, stopDesk);
  if (answer.kind === 'cancelled') return finish(input.runId, 'terminated');
  taskDesk.beginPaused(answer.isPaused);
  const phases = new PhaseRunner(input, answer.plan, { stopDesk, taskDesk });
  const tally = await stopDesk.run(() => phases.run());
  if (stopDesk.error !== null) return finish(input.runId, 'error', stopDesk.error);
  return finish(input.runId, stopDesk.isStopping || tally === null ? 'terminated' : runOutcome(tally));
}

/** Writes the end, and wakes those who wait for it: the next run of the orchestration, the task of a parent. */
async function finish(
  runId: string,
  status: FinishInput['status'],
  error: RunError | null = null,
): Promise<RunStatus> {
  return CancellationScope.nonCancellable(async () => {
    const end = await records.finishRun({ runId, status, error });
    upsertSearchAttributes([{ key: runStatusAttribute, value: end.status }]);
    if (end.nextRunId !== null) await tell(runWorkflowId(end.nextRunId), grantedSignalName);
    if (end.parent !== null) await tell(end.parent.workflowId, taskGrantedSignalName, end.parent.taskId);
    return end.status;
  });
}

/** A workflow that cannot be told has ended, or looks again by itself after a while. */
async function tell(workflowId: string, signalName: string, ...args: readonly string[]): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(signalName, ...args);
  } catch (error) {
    if (isCancellation(error)) throw error;
  }
}
