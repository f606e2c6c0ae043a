import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { maxTasksPerWorkflow } from '../../domain/rules/phase-chunks';
import { beginRun, type RunStanding } from '../../store/runs/begin-run';
import { countPlannedTasks, loadPlannedTasks } from '../../store/run-tasks/load-tasks';
import type { BeginAnswer, PhaseRef } from '../../workflows/messages';
import type { ActivityDependencies } from '../dependencies';

/**
 * Makes a run active and answers its plan, or says that it has to wait.
 *
 * *Idempotent:* a run that is active already is answered the same plan, which is fixed when the run is created.
 */
export function createBeginRun({ db }: Pick<ActivityDependencies, 'db'>) {
  return async (runId: string): Promise<BeginAnswer> => {
    const standing = await beginRun(db, runId, activityInfo().workflowExecution?.runId ?? '');
    switch (standing.kind) {
      case 'begun':
        return {
          kind: 'begun',
          plan: {
            phases: await readPhases(runId, standing),
            maxParallelTasks: standing.maxParallelTasks,
            timeoutMinutes: standing.timeoutMinutes,
          },
          isPaused: standing.isPaused,
        };
      case 'waiting':
      case 'cancelled':
        return { kind: standing.kind };
      case 'missing':
        throw ApplicationFailure.nonRetryable(
          `Run ${runId} is not in the database: its start was taken back, because it could not be confirmed.`,
          'RunWithdrawn',
        );
    }
  };

  async function readPhases(
    runId: string,
    standing: Extract<RunStanding, { kind: 'begun' }>,
  ): Promise<PhaseRef[]> {
    const sizes = await countPlannedTasks(db, runId);
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    const inline = total <= maxTasksPerWorkflow;
    return Promise.all(
      standing.phases.map(async ({ name, timeoutMinutes = null, retry = null }, phaseIndex) => {
        const size = sizes.get(phaseIndex) ?? 0;
        const tasks =
          inline && size > 0
            ? await loadPlannedTasks(db, { runId, phaseIndex, attempt: 1, offset: 0, size })
            : null;
        return { name, size, tasks, timeoutMinutes, retry };
      }),
    );
  }
}
