import type { Logger } from '../../../logger';
import { finishRun } from '../../../store/runs/finish-run';
import { listOpenRuns, listRunsInTurn, type OpenRunRow } from '../../../store/runs/list-open-runs';
import { confirmStop, listUntoldStops } from '../../../store/runs/stop-run';
import { listAbandonedRuns } from '../../../store/runs/nested-runs';
import { defaultGraceSeconds, stopRun } from './cancel-run';
import type { RunDependencies } from '../dependencies';
import { tellPaused } from './pause-run';

/** A younger run may still be on its way to Temporal. */
const leaveAloneMs = 10_000;

/**
 * Compares every open run with what Temporal knows of it, and mends what does not fit: a run that Temporal never
 * heard of is started, a stop or a pause that was not delivered is repeated, a run whose workflow was terminated is
 * ended, a nested run whose parent is over is
 * stopped, a waiting run whose turn has come is told.
 * Idempotent; safe in several processes at once.
 */
export async function reconcileRuns(
  needs: Pick<RunDependencies, 'db' | 'engine' | 'granter'>,
  logger: Logger,
  now = new Date(),
): Promise<void> {
  const { db, engine } = needs;
  const running = await engine.listRunning();
  for await (const run of listOpenRuns(db, new Date(now.getTime() - leaveAloneMs))) {
    // The list may be behind: a run that is not in it is looked at by itself.
    if (running.has(run.id)) await tellPauseIfPending(needs, run);
    else await mend(needs, run, logger);
  }
  for (const { id, graceSeconds } of await listUntoldStops(db)) {
    await engine.stop(id, { graceSeconds: graceSeconds ?? defaultGraceSeconds });
    await confirmStop(db, id);
  }
  for (const runId of await listAbandonedRuns(db)) await stopRun(needs, runId, {});
  for (const runId of await listRunsInTurn(db)) await engine.grantRun(runId);
}

async function tellPauseIfPending(
  needs: Pick<RunDependencies, 'db' | 'engine'>,
  run: OpenRunRow,
): Promise<void> {
  if (run.pause_pending && run.status !== 'terminating') await tellPaused(needs, run.id, run.paused);
}

async function mend(
  needs: Pick<RunDependencies, 'db' | 'engine' | 'granter'>,
  run: OpenRunRow,
  logger: Logger,
): Promise<void> {
  const execution = await needs.engine.describe(run.id);
  if (execution.kind === 'missing') {
    if (run.status === 'created') await startAgain(needs.engine, run);
    else await endLost(needs, run, logger);
  } else if (execution.status === 'RUNNING' || execution.status === 'CONTINUED_AS_NEW') {
    await tellPauseIfPending(needs, run);
  } else {
    await endLost(needs, run, logger);
  }
}

async function startAgain(engine: RunDependencies['engine'], run: OpenRunRow): Promise<void> {
  await engine.start({
    runId: run.id,
    orchestrationId: run.orchestration_id,
    orchestrationName: run.orchestration_name,
    startedBy: run.started_by.name,
  });
}

/** The workflow is over and could not say how: it was terminated, or failed on a fault of the product. */
async function endLost(
  { db, engine, granter }: Pick<RunDependencies, 'db' | 'engine' | 'granter'>,
  run: OpenRunRow,
  logger: Logger,
): Promise<void> {
  logger.warn({ runId: run.id, status: run.status }, 'A run was ended in Temporal; its record is closed.');
  const { releasedKeys, nextRunId, parent } = await finishRun(db, run.id, {
    status: 'terminated',
    error: { code: 'RUN_TERMINATED', message: 'The run was ended in Temporal, not by this product.' },
    givenUp: {
      code: 'RUN_TERMINATED',
      message: 'The run was ended in Temporal while this task was open.',
      type: 'application',
      attempt: 0,
    },
  });
  await granter.handOn(releasedKeys);
  if (nextRunId !== null) await engine.grantRun(nextRunId);
  if (parent !== null) await engine.grantTask(parent.workflowId, parent.taskId);
}
