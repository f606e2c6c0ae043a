import { setTimeout as delay } from 'node:timers/promises';
import type { NestedOrchestration, TaskOutput } from '../../components/component';
import type { TaskLog } from '../../components/context';
import { UserError } from '../../domain/errors';
import type { RunStatus } from '../../domain/model/run';
import { isFinishedRun } from '../../domain/rules/statuses';
import { newId } from '../../store/new-id';
import type { NestedRunState, NestedRuns } from '../dependencies';
import { interrupted } from './failures';

export interface NestedWork {
  readonly runs: NestedRuns;
  readonly orchestration: NestedOrchestration;
  readonly parent: { readonly runId: string; readonly taskId: string; readonly workflowId: string };
  /** The run that an earlier look has started. */
  readonly nestedRunId: string | null;
  /** Remembers the run before it is started; answers whether the attempt still has the task. */
  readonly save: (nestedRunId: string) => Promise<boolean>;
  readonly log: TaskLog;
  /** The parent is being stopped, or the task has passed its time-out. */
  readonly isStopping: boolean;
}

/** A nested run was stopped because the parent stops. */
export class NestedRunStopped extends Error {}

/**
 * Starts the run that is a task's work, or looks how it stands. Answers `null` while it goes on: the task then waits in
 * its workflow, where it holds no slot of a worker, and looks again when the nested run has ended.
 *
 * @throws UserError when it ended otherwise than well: its own tasks had their attempts. `NestedRunStopped`.
 */
export async function followNestedRun(work: NestedWork): Promise<TaskOutput | null> {
  const { runs, orchestration, parent, log } = work;
  const runId = work.nestedRunId ?? newId('run');
  if (work.nestedRunId === null && !(await work.save(runId))) {
    throw interrupted('A newer attempt has this task.');
  }
  const run = await runs.ensure({ runId, ...orchestration, parent });
  if (work.nestedRunId === null) log.info(`Started run ${runId} of "${run.orchestrationName}".`);
  if (isFinishedRun(run.status)) return toOutput(runId, run, work.isStopping);
  if (work.isStopping) {
    log.info(`Stopping run ${runId} of "${run.orchestrationName}".`);
    await runs.stop(runId);
  }
  return null;
}

/** Stops a nested run whose task has passed its time-out, and waits a while for it to confirm. */
export async function stopNestedRun(runs: NestedRuns, nestedRunId: string): Promise<void> {
  await runs.stop(nestedRunId);
  for (let looks = 0; looks < confirmWithinSeconds; looks += 1) {
    const run = await runs.find(nestedRunId);
    if (run === null || isFinishedRun(run.status)) return;
    await delay(1_000);
  }
}

const confirmWithinSeconds = 65;

function toOutput(runId: string, run: NestedRunState, isStopping: boolean): TaskOutput {
  if (run.status === 'success')
    return { message: `Run ${runId} of "${run.orchestrationName}" ended: success.` };
  if (isStopping && (run.status === 'cancelled' || run.status === 'terminated')) throw new NestedRunStopped();
  const failures = run.failures.length === 0 ? '' : ` ${run.failures.join('; ')}`;
  throw new UserError(`Run ${runId} of "${run.orchestrationName}" ended: ${run.status}.${failures}`, {
    code: codes[run.status] ?? 'NESTED_RUN_FAILED',
  });
}

/** A warning of a nested run counts as a failure. */
const codes: Partial<Record<RunStatus, string>> = {
  warning: 'NESTED_RUN_WARNED',
  cancelled: 'NESTED_RUN_STOPPED',
  terminated: 'NESTED_RUN_STOPPED',
};
