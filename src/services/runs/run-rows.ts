import type { JsonObject } from '../../domain/model/json';
import { leaseKeysOf } from '../../domain/rules/lease-keys';
import { resolveParameters } from '../../domain/rules/parameters';
import type { PlannedTask } from '../../domain/rules/plan-run';
import { newId } from '../../store/new-id';
import type { NewRun, NewRunTask } from '../../store/runs/create-run';
import type { RunDependencies } from './dependencies';
import type { PlannedStart } from './plan-start';
import type { StartRunRequest } from './run-services';

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
    phases: JSON.stringify(content.phases.map(({ id, name }) => ({ id, name }))),
    max_parallel_tasks: content.limits.maxParallelTasks,
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
  const configuration = resolveParameters(task.configuration ?? saved?.content ?? {}, parameters);
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
    status: willRun ? 'pending' : 'skipped',
    lease_keys: [
      ...leaseKeysOf({
        configurationId: task.configurationId,
        componentId: task.componentId,
        connection: findComponent(task.componentId)?.connectionOf(configuration) ?? null,
      }),
    ],
  };
}
