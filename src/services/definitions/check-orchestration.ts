import type { Issue } from '../../domain/errors';
import type { OrchestrationInput, TaskInput } from '../../domain/model/orchestration';
import type { StoredConfiguration } from '../../store/configurations';
import type { DefinitionDependencies } from './dependencies';

/** A task of a body, with its place in it. */
interface PlacedTask {
  readonly task: TaskInput;
  readonly path: string;
}

/** Every problem that an orchestration as sent has with itself and with what it names, each with its path. */
export function findOrchestrationIssues(
  input: OrchestrationInput,
  configurations: ReadonlyMap<string, StoredConfiguration>,
  findComponent: DefinitionDependencies['findComponent'],
): readonly Issue[] {
  const placed = input.phases.flatMap((phase, p) =>
    phase.tasks.map((task, t) => ({ task, path: `phases.${p}.tasks.${t}` })),
  );
  const kept = input.phases.map((phase, index) => ({ phase, path: `phases.${index}` }));
  return [
    ...findTwice(
      kept.map(({ phase, path }) => ({ value: phase.name.toLowerCase(), path: `${path}.name` })),
      'Phase names',
    ),
    ...findTwice(
      kept.map(({ phase, path }) => ({ value: phase.id, path: `${path}.id` })),
      'Ids of phases',
    ),
    ...findTwice(
      placed.map(({ task, path }) => ({ value: task.id, path: `${path}.id` })),
      'Ids of tasks',
    ),
    ...findTwice(
      input.parameters.map(({ name }, index) => ({ value: name, path: `parameters.${index}.name` })),
      'Names of parameters',
    ),
    ...placed.flatMap((one) => findTaskIssues(one, configurations, findComponent)),
  ];
}

function findTaskIssues(
  { task, path }: PlacedTask,
  configurations: ReadonlyMap<string, StoredConfiguration>,
  findComponent: DefinitionDependencies['findComponent'],
): Issue[] {
  const component = findComponent(task.componentId);
  if (component === undefined) {
    return [{ path: `${path}.componentId`, message: `There is no component "${task.componentId}".` }];
  }
  if (component.summary.excludeFromOrchestrations) {
    return [{ path: `${path}.componentId`, message: `Component "${task.componentId}" cannot be a task.` }];
  }
  const action =
    task.action === 'run'
      ? []
      : [
          {
            path: `${path}.action`,
            message: `Component "${task.componentId}" cannot "${task.action}" as a task; it can "run".`,
          },
        ];
  const saved = task.configurationId ?? null;
  const inline = task.configuration ?? null;
  if ((saved === null) === (inline === null)) {
    const found = saved === null ? 'neither is there' : 'both are there';
    return [...action, { path, message: `Either "configurationId" or "configuration" is needed; ${found}.` }];
  }
  if (inline !== null) {
    const issues = component.findIssues(inline);
    return [
      ...action,
      ...issues.map((issue) => ({
        path: [path, 'configuration', issue.path].filter(Boolean).join('.'),
        message: issue.message,
      })),
    ];
  }
  const configuration = configurations.get(saved ?? '');
  if (configuration === undefined) {
    return [
      ...action,
      {
        path: `${path}.configurationId`,
        message: `There is no configuration ${saved ?? ''}, or it is in the trash.`,
      },
    ];
  }
  if (configuration.componentId !== task.componentId) {
    const message = `Configuration ${saved ?? ''} belongs to component "${configuration.componentId}", not to "${task.componentId}".`;
    return [...action, { path: `${path}.configurationId`, message }];
  }
  return action;
}

function findTwice(values: readonly { value: string | undefined; path: string }[], what: string): Issue[] {
  const seen = new Set<string>();
  return values.flatMap(({ value, path }) => {
    if (value === undefined) return [];
    if (seen.has(value))
      return [{ path, message: `${what} are unique within an orchestration; "${value}" is there twice.` }];
    seen.add(value);
    return [];
  });
}
