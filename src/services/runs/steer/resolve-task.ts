import { ConflictError, NotFoundError, UnavailableError, ValidationError } from '../../../domain/errors';
import type { JsonObject } from '../../../domain/model/json';
import type { ResolveAction, Run, StartedBy, TaskStatus } from '../../../domain/model/run';
import {
  confirmResolved,
  listUntoldResolutions,
  resolveParked,
} from '../../../store/run-tasks/resolve-parked';
import { readSnapshotTask } from '../../../store/runs/read-snapshot';
import { appendLog } from '../../../store/task-log';
import type { RunDependencies } from '../dependencies';
import { getRun } from '../read/get-run';
import { leaseKeysOfCopy } from '../start/lease-keys-for';

export interface ResolveOptions {
  readonly action: ResolveAction;
  /** Other values of parameters for a retry. */
  readonly parameters?: JsonObject | undefined;
  readonly note?: string | undefined;
  readonly by: StartedBy;
  /** Decide only if the task was parked at this moment, to the millisecond. */
  readonly parkedAt?: Date | undefined;
}

/**
 * Decides what becomes of a parked task: it runs anew, is skipped (a tolerated failure), counts as done, or fails.
 * The decision is kept: while Temporal is away, the run is told later.
 *
 * @throws NotFoundError, ConflictError when the task is not parked, ValidationError for parameters without a retry.
 */
export async function resolveTask(
  dependencies: RunDependencies,
  task: { readonly runId: string; readonly taskId: string },
  { action, parameters = {}, note = '', by, parkedAt }: ResolveOptions,
): Promise<Run> {
  if (action !== 'retry' && Object.keys(parameters).length > 0) {
    throw new ValidationError(`Parameters are for the action "retry"; this one is "${action}".`);
  }
  const resolution = { action, note, by, at: new Date().toISOString() };
  const { db, findComponent } = dependencies;
  const snapshot = await readSnapshotTask(db, task.runId, task.taskId);
  if (snapshot === null) throw noSuchTask(task);
  const leaseKeys = leaseKeysOfCopy(findComponent, snapshot, parameters);
  const outcome = await resolveParked(db, { ...task, resolution, parameters, leaseKeys, parkedAt });
  if (outcome === null) throw noSuchTask(task);
  if ('status' in outcome) {
    refuseNotParked(task.taskId, outcome.status);
    throw new ConflictError(`Task ${task.taskId} was decided on by somebody else.`, { code: 'LINK_USED' });
  }
  const decided = `${by.name} decided: ${action}.${note === '' ? '' : ` ${note}`}`;
  await appendLog(db, [
    { ...task, attempt: Math.max(snapshot.attempt, 1), at: new Date(), level: 'info', message: decided },
  ]);
  try {
    await dependencies.engine.grantTask(outcome.workflowId, task.taskId);
    await confirmResolved(dependencies.db, task);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
  }
  return getRun(dependencies, task.runId);
}

/** @throws ConflictError */
export function refuseNotParked(taskId: string, status: TaskStatus): void {
  if (status === 'parked') return;
  throw new ConflictError(`Task ${taskId} is not parked, but ${status}.`, { code: 'TASK_NOT_PARKED' });
}

export function noSuchTask({
  runId,
  taskId,
}: {
  readonly runId: string;
  readonly taskId: string;
}): NotFoundError {
  return new NotFoundError(`Run ${runId} has no task ${taskId}.`);
}

/** Tells runs of decisions that they have not heard of, e.g. because Temporal was away. Idempotent. */
export async function tellResolutions({ db, engine }: Pick<RunDependencies, 'db' | 'engine'>): Promise<void> {
  for (const { runId, taskId, workflowId } of await listUntoldResolutions(db)) {
    await engine.grantTask(workflowId ?? runId, taskId);
    await confirmResolved(db, { runId, taskId });
  }
}
