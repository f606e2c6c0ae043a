import type { JsonObject } from '../../../domain/model/json';
import type { StartedBy } from '../../../domain/model/run';
import type { TaskFate } from '../../../domain/rules/plan-retry';
import type { PlannedTask } from '../../../domain/rules/plan-run';
import { newId } from '../../../store/new-id';
import type { NewRun, NewRunTask } from '../../../store/runs/create-run';
import type { RunSnapshotRows } from '../../../store/runs/read-snapshot';
import type { RunDependencies } from '../dependencies';
import { leaseKeysFor } from './lease-keys-for';
import type { PlannedStart } from './plan-start';
import type { StartRunRequest } from '../run-services';

/** The row of a new run: the snapshot of its orchestration. */
export function toRunRow({ definition }: PlannedStart, request: StartRunRequest): NewRun {
  const { content } = definition;
  return {
    id: newId('run'),
    orchestration_id: definition.id,
    orchestration_name: content.name,
    orchestration_version: definition.version,
    status: 'created',
    overlap: content.overlap,
    started_by: JSON.stringify(request.startedBy),
    parameters: JSON.stringify(request.parameters ?? {}),
    phases: JSON.stringify(
      content.phases.map(({ id, name, timeoutMinutes, retry }) => ({ id, name, timeoutMinutes, retry })),
    ),
    max_parallel_tasks: content.limits.maxParallelTasks,
    timeout_minutes: content.timeoutMinutes ?? null,
    priority: request.priority ?? content.priority ?? 0,
  };
}

interface TaskRowOptions extends Pick<RunDependencies, 'findComponent'> {
  /** The run's values of parameters. */
  readonly given: JsonObject;
}

/** The rows of a new run's tasks, those that are left out too. */
export function toTaskRows(runId: string, planned: PlannedStart, options: TaskRowOptions): NewRunTask[] {
  return planned.tasks.map((task) => toTaskRow(runId, task, planned, options));
}

function toTaskRow(
  runId: string,
  { task, phaseIndex, position, willRun }: PlannedTask,
  { configurations, defaults }: PlannedStart,
  { findComponent, given }: TaskRowOptions,
): NewRunTask {
  const saved = configurations.get(task.configurationId ?? '');
  const parameters = { ...defaults, ...task.parameters, ...given };
  return {
    run_id: runId,
    task_id: task.id,
    phase_index: phaseIndex,
    position,
    name: task.name,
    component_id: task.componentId,
    configuration_id: task.configurationId,
    configuration_version: saved?.version ?? null,
    inline_configuration: task.configuration === null ? null : JSON.stringify(task.configuration),
    action: task.action,
    parameters: JSON.stringify(parameters),
    continue_on_failure: task.continueOnFailure,
    timeout_minutes: task.timeoutMinutes,
    retry: JSON.stringify(task.retry),
    on_exhausted: task.onExhausted,
    status: willRun ? 'pending' : 'skipped',
    lease_keys: leaseKeysFor(findComponent(task.componentId), {
      ...task,
      configuration: task.configuration ?? saved?.content ?? null,
      parameters,
    }),
  };
}

interface Copy {
  readonly startedBy: StartedBy;
  /** Win over the old run's values. */
  readonly parameters: JsonObject;
}

/** The row of a retry: the old run's snapshot once more. */
export function copyRunRow(old: RunSnapshotRows['run'], { startedBy, parameters }: Copy): NewRun {
  return {
    id: newId('run'),
    orchestration_id: old.orchestration_id,
    orchestration_name: old.orchestration_name,
    orchestration_version: old.orchestration_version,
    status: 'created',
    overlap: old.overlap,
    started_by: JSON.stringify(startedBy),
    parameters: JSON.stringify({ ...old.parameters, ...parameters }),
    phases: JSON.stringify(old.phases),
    max_parallel_tasks: old.max_parallel_tasks,
    timeout_minutes: old.timeout_minutes,
    priority: old.priority,
    retry_of: old.id,
  };
}

interface TaskCopy extends Pick<Copy, 'parameters'> {
  readonly fate: TaskFate | undefined;
  readonly leaseKeys: readonly string[];
}

/** A task of a retry: as it was in the old run, and waiting to run or left out. */
export function copyTaskRow(
  old: RunSnapshotRows['tasks'][number],
  runId: string,
  { parameters, fate, leaseKeys }: TaskCopy,
): NewRunTask {
  return {
    run_id: runId,
    task_id: old.task_id,
    phase_index: old.phase_index,
    position: old.position,
    name: old.name,
    component_id: old.component_id,
    configuration_id: old.configuration_id,
    configuration_version: old.configuration_version,
    inline_configuration: old.inline_configuration === null ? null : JSON.stringify(old.inline_configuration),
    action: old.action,
    parameters: JSON.stringify({ ...old.parameters, ...parameters }),
    continue_on_failure: old.continue_on_failure,
    timeout_minutes: old.timeout_minutes,
    retry: JSON.stringify(old.retry),
    on_exhausted: old.on_exhausted,
    lease_keys: [...leaseKeys],
    status: fate?.kind === 'runs' ? 'pending' : 'skipped',
    reused_from: fate?.runId ?? null,
  };
}
