import {
  CancellationScope,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { RunStatus } from '../domain/model/run';
import { addTallies, emptyTally, mayGoOn, runOutcome, type Tally } from '../domain/rules/outcome';
import { grantedSignalName, runWorkflowId, taskGrantedSignalName } from '../temporal/names';
import type { FinishInput, RunInput, RunPlan } from './messages';
import { runPhase } from './phase';
import { describeProgress } from './progress';
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
  const tally = await stopDesk.run(() => runPhases(input, answer.plan, taskDesk));
  return finish(input.runId, stopDesk.isStopping || tally === null ? 'terminated' : runOutcome(tally));
}

/** Awaits the phases in sequence; after a failure that is not tolerated, or a stop, the rest never starts. */
async function runPhases({ runId, progress }: RunInput, plan: RunPlan, desk: TaskDesk): Promise<Tally> {
  let tally = progress?.tally ?? emptyTally;
  for (let index = progress?.nextPhase ?? 0; index < plan.phases.length; index += 1) {
    const phase = plan.phases[index];
    if (phase === undefined || phase.size === 0) continue;
    if (workflowInfo().continueAsNewSuggested && !CancellationScope.current().consideredCancelled) {
      await continueAsNew({ runId, progress: { nextPhase: index, tally } });
    }
    setCurrentDetails(describeProgress(plan, index, 'running'));
    const { maxParallelTasks } = plan;
    const ended = await runPhase({ runId, phaseIndex: index, phase, maxParallelTasks }, desk);
    tally = addTallies(tally, ended);
    const isStopped = CancellationScope.current().consideredCancelled;
    setCurrentDetails(
      describeProgress(plan, index, isStopped ? 'stopped' : mayGoOn(tally) ? 'done' : 'failed'),
    );
    if (!mayGoOn(tally) || isStopped) break;
  }
  return tally;
}

/** Writes the end, and wakes those who wait for it: the next run of the orchestration, the task of a parent. */
async function finish(runId: string, status: FinishInput['status']): Promise<RunStatus> {
  return CancellationScope.nonCancellable(async () => {
    const end = await records.finishRun({ runId, status });
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
