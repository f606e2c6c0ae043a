import { ConflictError, ValidationError } from '../../../domain/errors';
import type { RetryRequest } from '../../../domain/model/retry';
import { planRetry, type TaskFate } from '../../../domain/rules/plan-retry';
import { retrySelection } from '../../../domain/rules/retry-selection';
import { isFinishedRun } from '../../../domain/rules/statuses';
import { findOrchestration, type StoredOrchestration } from '../../../store/orchestrations';
import { readSnapshot, type RunSnapshotRows } from '../../../store/runs/read-snapshot';
import type { RunDependencies } from '../dependencies';
import { noSuchRun } from '../read/get-run';

/**
 * The tasks that a retry of a run would choose by itself.
 *
 * @throws NotFoundError, ConflictError while the run is under way.
 */
export async function preselectRetry(
  { db }: Pick<RunDependencies, 'db'>,
  runId: string,
): Promise<readonly string[]> {
  return preselect(await requireEnded(db, runId));
}

/** What becomes of each task in a retry of an ended run. */
export interface RetryDecision {
  readonly old: RunSnapshotRows;
  readonly orchestration: StoredOrchestration;
  readonly fates: readonly TaskFate[];
}

/** @throws NotFoundError, ConflictError, ValidationError */
export async function decideRetry(
  db: RunDependencies['db'],
  runId: string,
  options: RetryRequest,
): Promise<RetryDecision> {
  const old = await requireEnded(db, runId);
  const orchestration = await findOrchestration(db, old.run.orchestration_id);
  if (orchestration === null) {
    throw new ConflictError(`The orchestration of run ${runId} is in the trash; restore it first.`, {
      code: 'ORCHESTRATION_GONE',
    });
  }
  const phases = options.definition === 'original' ? phasesOfSnapshot(old) : phasesOf(orchestration);
  const fates = planRetry({
    oldRunId: runId,
    oldTasks: old.tasks.map((task) => ({
      taskId: task.task_id,
      status: task.status,
      reusedFrom: task.reused_from,
    })),
    chosen: choose(old, phases, options),
    tasks: phases.flatMap((phase) => phase.tasks),
  });
  return { old, orchestration, fates };
}

interface RetryPhase {
  readonly id: string;
  readonly tasks: readonly { readonly taskId: string; readonly isEnabled: boolean }[];
}

/** A task that was left out of the old run counts as disabled. */
function phasesOfSnapshot({ run, tasks }: RunSnapshotRows): readonly RetryPhase[] {
  return run.phases.map(({ id }, index) => ({
    id,
    tasks: tasks
      .filter((task) => task.phase_index === index)
      .map((task) => ({
        taskId: task.task_id,
        isEnabled: task.status !== 'skipped' || task.reused_from !== null,
      })),
  }));
}

function phasesOf({ content }: StoredOrchestration): readonly RetryPhase[] {
  return content.phases.map(({ id, tasks }) => ({
    id,
    tasks: tasks.map((task) => ({ taskId: task.id, isEnabled: task.enabled })),
  }));
}

function choose(
  old: RunSnapshotRows,
  phases: readonly RetryPhase[],
  { mode, taskIds = [], phaseId }: RetryRequest,
): ReadonlySet<string> {
  switch (mode) {
    case 'failed':
      return new Set(preselect(old));
    case 'selected':
      refuseUnknown(phases, taskIds);
      return new Set(taskIds);
    case 'fromPhase': {
      const first = phases.findIndex((phase) => phase.id === phaseId);
      if (first === -1) {
        throw new ValidationError(`There is no phase ${phaseId ?? ''} to retry from.`, [
          { path: 'phaseId', message: 'No phase has this id.' },
        ]);
      }
      const tasks = phases.slice(first).flatMap((phase) => phase.tasks);
      return new Set(tasks.filter((task) => task.isEnabled).map((task) => task.taskId));
    }
  }
}

function refuseUnknown(phases: readonly RetryPhase[], taskIds: readonly string[]): void {
  const known = new Set(phases.flatMap((phase) => phase.tasks.map((task) => task.taskId)));
  const issues = taskIds.flatMap((taskId, index) =>
    known.has(taskId) ? [] : [{ path: `taskIds.${index}`, message: `There is no task ${taskId}.` }],
  );
  if (issues.length > 0) throw new ValidationError('Some of the chosen tasks do not exist.', issues);
}

function preselect({ run, tasks }: RunSnapshotRows): readonly string[] {
  return retrySelection(
    run.status,
    tasks.map((task) => ({
      taskId: task.task_id,
      phaseIndex: task.phase_index,
      // Skipped by a person: it was to run, and did not succeed.
      status: task.status === 'skipped' && task.resolution !== null ? 'error' : task.status,
    })),
  );
}

async function requireEnded(db: RunDependencies['db'], runId: string): Promise<RunSnapshotRows> {
  const old = await readSnapshot(db, runId);
  if (old === null) throw noSuchRun(runId);
  if (!isFinishedRun(old.run.status)) {
    throw new ConflictError(`Run ${runId} has not ended (${old.run.status}); it can be retried afterwards.`, {
      code: 'RUN_NOT_ENDED',
    });
  }
  return old;
}
