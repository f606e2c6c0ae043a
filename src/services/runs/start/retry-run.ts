import { ValidationError } from '../../../domain/errors';
import type { RunId, TaskId } from '../../../domain/model/ids';
import type { RetryPlan, RetryRequest } from '../../../domain/model/retry';
import type { Run } from '../../../domain/model/run';
import type { TaskFate } from '../../../domain/rules/plan-retry';
import type { RunDependencies } from '../dependencies';
import { getRun } from '../read/get-run';
import { decideRetry, type RetryDecision } from './decide-retry';
import { launchRun } from './launch-run';
import { leaseKeysOfCopy } from './lease-keys-for';
import { planStart } from './plan-start';
import type { RetryOptions } from '../run-services';
import { copyRunRow, copyTaskRow, toRunRow, toTaskRows } from './run-rows';

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
  const { fates } = await decideRetry(db, runId, options);
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
  const decision = await decideRetry(dependencies.db, runId, options);
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

function fromSnapshot(
  { findComponent }: RunDependencies,
  { old, orchestration, fates }: RetryDecision,
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
  { old, orchestration, fates }: RetryDecision,
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
