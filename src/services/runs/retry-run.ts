import { ConflictError, ValidationError } from '../../domain/errors';
import type { RunId, TaskId } from '../../domain/model/ids';
import type { RetryPlan, RetryRequest } from '../../domain/model/retry';
import type { Run } from '../../domain/model/run';
import { planRetry, type TaskFate } from '../../domain/rules/plan-retry';
import { retrySelection } from '../../domain/rules/retry-selection';
import { isFinishedRun } from '../../domain/rules/statuses';
import { findOrchestration, type StoredOrchestration } from '../../store/orchestrations';
import { readSnapshot, type RunSnapshotRows } from '../../store/runs/read-snapshot';
import type { RunDependencies } from './dependencies';
import { getRun, noSuchRun } from './get-run';
import { launchRun } from './launch-run';
import { leaseKeysOfCopy } from './lease-keys-for';
import { planStart } from './plan-start';
import type { RetryOptions } from './run-services';
import { copyRunRow, copyTaskRow, toRunRow, toTaskRows } from './run-rows';

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

/**
 * What a retry would do; starts nothing.
 *
 * @throws NotFoundError, ConflictError while the run is under way, ValidationError for tasks or phases that are not there.
 */
export async function planRetryOfRun(
  { db }: Pick<RunDependencies, 'db'>,
  runId: string,
  options: RetryRequest,
): Promise<RetryPlan> {
  const { fates } = await decide(db, runId, options);
  const idsOf = (kind: TaskFate['kind']) =>
    fates.filter((fate) => fate.kind === kind).map(({ taskId }) => taskId as TaskId);
  return {
    willRun: idsOf('runs'),
    reused: fates.flatMap(({ taskId, runId: from }) =>
      from === null ? [] : [{ taskId: taskId as TaskId, runId: from as RunId }],
    ),
    notRun: idsOf('notRun'),
    newTasks: fates
      .filter((fate) => fate.kind === 'runs' && fate.isNew)
      .map(({ taskId }) => taskId as TaskId),
    reasons: Object.fromEntries(fates.map(({ taskId, reason }) => [taskId, reason])),
  };
}

/**
 * Starts a new run for an ended one: the chosen tasks run, and what the others have done stands.
 *
 * @throws what `planRetryOfRun` throws, ValidationError when nothing would run, and what starting a run throws.
 */
export async function retryRun(
  dependencies: RunDependencies,
  runId: string,
  options: RetryOptions,
): Promise<Run> {
  const decision = await decide(dependencies.db, runId, options);
  const willRun = decision.fates.filter((fate) => fate.kind === 'runs');
  if (willRun.length === 0) {
    throw new ValidationError(`A retry of run ${runId} would run nothing: no task is chosen.`, [], {
      code: 'NOTHING_TO_RUN',
    });
  }
  const launch =
    options.definition === 'original'
      ? fromSnapshot(dependencies, decision, options)
      : await fromDefinition(dependencies, decision, options);
  await launchRun(dependencies, launch);
  return getRun(dependencies, launch.run.id);
}

interface Decision {
  readonly old: RunSnapshotRows;
  readonly orchestration: StoredOrchestration;
  readonly fates: readonly TaskFate[];
}

async function decide(db: RunDependencies['db'], runId: string, options: RetryRequest): Promise<Decision> {
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

function fromSnapshot(
  { findComponent }: RunDependencies,
  { old, orchestration, fates }: Decision,
  { startedBy, parameters = {} }: RetryOptions,
) {
  const run = copyRunRow(old.run, { startedBy, parameters });
  const fateOf = new Map(fates.map((fate) => [fate.taskId, fate]));
  return {
    run,
    tasks: old.tasks.map((task) =>
      copyTaskRow(task, run.id, {
        parameters,
        fate: fateOf.get(task.task_id),
        leaseKeys: leaseKeysOfCopy(findComponent, task, parameters),
      }),
    ),
    overlap: orchestration.content.overlap,
    startedBy: startedBy.name,
  };
}

async function fromDefinition(
  dependencies: RunDependencies,
  { old, orchestration, fates }: Decision,
  { startedBy, parameters = {} }: RetryOptions,
) {
  const request = {
    orchestrationId: orchestration.id,
    startedBy,
    parameters: { ...old.run.parameters, ...parameters },
    taskIds: fates.filter((fate) => fate.kind === 'runs').map((fate) => fate.taskId),
  };
  const planned = await planStart(dependencies, request);
  const run = { ...toRunRow(planned, request), retry_of: old.run.id };
  const { findComponent } = dependencies;
  const fateOf = new Map(fates.map((fate) => [fate.taskId, fate]));
  const rows = toTaskRows(run.id, planned, { findComponent, given: request.parameters });
  return {
    run,
    tasks: rows.map((row) => ({ ...row, reused_from: fateOf.get(row.task_id)?.runId ?? null })),
    overlap: planned.definition.content.overlap,
    startedBy: startedBy.name,
  };
}
