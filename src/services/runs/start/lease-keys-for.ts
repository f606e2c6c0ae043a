import type { Component } from '../../../components/component';
import type { JsonObject } from '../../../domain/model/json';
import { leaseKeysOf } from '../../../domain/rules/lease-keys';
import { resolveParameters } from '../../../domain/rules/parameters';
import type { SnapshotTask } from '../../../store/runs/read-snapshot';
import type { RunDependencies } from '../dependencies';

interface TaskToKeepApart {
  readonly componentId: string;
  readonly configurationId: string | null;
  /** Secrets may be encrypted; `null` when the saved version is gone. */
  readonly configuration: JsonObject | null;
  readonly parameters: JsonObject;
}

/**
 * What a task is kept apart from others by. None for a nested run: it has the leases of its own tasks, and is one at a
 * time anyhow; its task holds none while it waits.
 */
export function leaseKeysFor(component: Component | undefined, task: TaskToKeepApart): string[] {
  if (component?.execution.kind === 'nested') return [];
  const configuration = resolveParameters(task.configuration ?? {}, task.parameters);
  return [...leaseKeysOf({ ...task, connection: component?.connectionOf(configuration) ?? null })];
}

/** The keys of a task that is run again: other values of parameters may lead to another connection. */
export function leaseKeysOfCopy(
  findComponent: RunDependencies['findComponent'],
  task: SnapshotTask,
  parameters: JsonObject,
): readonly string[] {
  if (Object.keys(parameters).length === 0) return task.lease_keys;
  return leaseKeysFor(findComponent(task.component_id), {
    componentId: task.component_id,
    configurationId: task.configuration_id,
    configuration: task.configuration,
    parameters: { ...task.parameters, ...parameters },
  });
}
