import { ConflictError, NotFoundError, ValidationError, type Issue } from '../../../domain/errors';
import type { JsonObject } from '../../../domain/model/json';
import type { Task } from '../../../domain/model/orchestration';
import { findNestingProblem } from '../../../domain/rules/nesting';
import { findParameterNames } from '../../../domain/rules/parameters';
import { planRun, unknownTaskIds, type PlannedTask } from '../../../domain/rules/plan-run';
import { findConfigurations, type StoredConfiguration } from '../../../store/configurations';
import { findOrchestration, type StoredOrchestration } from '../../../store/orchestrations';
import { findNestingIssues, nestedIdOf, type NestingTask } from '../../nesting';
import type { RunDependencies } from '../dependencies';
import type { StartRunRequest } from '../run-services';

/** Everything that a run is created from; checked, so that nothing of it can fail before the first task. */
export interface PlannedStart {
  readonly definition: StoredOrchestration;
  readonly tasks: readonly PlannedTask[];
  readonly configurations: ReadonlyMap<string, StoredConfiguration>;
  /** Values of the orchestration's parameters that have a default. */
  readonly defaults: JsonObject;
}

/**
 * Looks at an orchestration as it is now and decides what a run of it would do.
 *
 * @throws NotFoundError, ConflictError (disabled), ValidationError (everything that is missing, together).
 */
export async function planStart(
  { db, findComponent }: Pick<RunDependencies, 'db' | 'findComponent'>,
  request: StartRunRequest,
): Promise<PlannedStart> {
  const definition = await findOrchestration(db, request.orchestrationId);
  if (definition === null) throw new NotFoundError(`There is no orchestration ${request.orchestrationId}.`);
  const { content } = definition;
  if (request.unattended === true && !content.enabled) {
    throw new ConflictError(
      `Orchestration "${content.name}" is disabled. Enable it, or let a person run it.`,
      {
        code: 'ORCHESTRATION_DISABLED',
      },
    );
  }
  const tasks = planRun(content.phases, request.taskIds ?? null);
  refuseUnknownTasks(definition, request.taskIds ?? []);
  const toRun = tasks.filter((planned) => planned.willRun).map((planned) => planned.task);
  if (toRun.length === 0) {
    throw new ValidationError(
      `Orchestration "${content.name}" has no enabled task: there is nothing to run.`,
      [],
      {
        code: 'NOTHING_TO_RUN',
      },
    );
  }
  const configurations = await findConfigurations(
    db,
    toRun.flatMap((task) => task.configurationId ?? []),
  );
  const defaults = defaultsOf(definition);
  refuse('The run cannot start.', [
    ...findMissing(toRun, configurations, findComponent),
    ...(await findNestingIssues(
      db,
      definition.id,
      nestedTasks(toRun, configurations, findComponent),
      findNestingProblem,
    )),
    ...findParameterIssues({ definition, toRun, configurations, defaults, given: request.parameters ?? {} }),
  ]);
  return { definition, tasks, configurations, defaults };
}

function refuseUnknownTasks(definition: StoredOrchestration, taskIds: readonly string[]): void {
  refuse(
    'Some of the chosen tasks do not exist.',
    unknownTaskIds(definition.content.phases, taskIds).map((id) => ({
      path: `taskIds.${taskIds.indexOf(id)}`,
      message: `The orchestration has no task ${id}.`,
    })),
  );
}

function refuse(title: string, issues: readonly Issue[]): void {
  if (issues.length === 0) return;
  const sentences = issues.slice(0, 5).map((issue) => issue.message);
  throw new ValidationError(`${title} ${sentences.join(' ')}`, issues);
}

function findMissing(
  tasks: readonly Task[],
  configurations: ReadonlyMap<string, StoredConfiguration>,
  findComponent: RunDependencies['findComponent'],
): Issue[] {
  return tasks.flatMap((task) => {
    const issues: Issue[] = [];
    if (findComponent(task.componentId) === undefined) {
      issues.push({
        path: `tasks.${task.id}.componentId`,
        message: `Task "${task.name}": there is no component "${task.componentId}".`,
      });
    }
    if (task.configurationId !== null && !configurations.has(task.configurationId)) {
      issues.push({
        path: `tasks.${task.id}.configurationId`,
        message: `Task "${task.name}": configuration ${task.configurationId} is missing or in the trash.`,
      });
    }
    return issues;
  });
}

/** The chosen tasks that run other orchestrations. */
function nestedTasks(
  tasks: readonly Task[],
  configurations: ReadonlyMap<string, StoredConfiguration>,
  findComponent: RunDependencies['findComponent'],
): NestingTask[] {
  return tasks.flatMap((task) => {
    const configuration = task.configuration ?? configurations.get(task.configurationId ?? '')?.content;
    const nestedId = nestedIdOf(findComponent(task.componentId), configuration);
    return nestedId === null ? [] : [{ path: `tasks.${task.id}`, nestedId }];
  });
}

interface ParameterCheck {
  readonly definition: StoredOrchestration;
  readonly toRun: readonly Task[];
  readonly configurations: ReadonlyMap<string, StoredConfiguration>;
  readonly defaults: JsonObject;
  readonly given: JsonObject;
}

/** Names that are used but have no value, and values that nobody asked for. */
function findParameterIssues({
  definition,
  toRun,
  configurations,
  defaults,
  given,
}: ParameterCheck): Issue[] {
  const used = new Set<string>();
  const missing = new Set<string>();
  for (const task of toRun) {
    const content = task.configuration ?? configurations.get(task.configurationId ?? '')?.content ?? {};
    for (const name of findParameterNames(content)) {
      used.add(name);
      const known = [given, task.parameters, defaults].some((values) => Object.hasOwn(values, name));
      if (!known) missing.add(name);
    }
  }
  const declared = new Set(definition.content.parameters.map((parameter) => parameter.name));
  const surplus = Object.keys(given).filter((name) => !declared.has(name) && !used.has(name));
  return [
    ...[...missing].sort().map((name) => ({
      path: `parameters.${name}`,
      message: `Parameter "${name}" is used by a configuration and has no value.`,
    })),
    ...surplus.map((name) => ({
      path: `parameters.${name}`,
      message: `Parameter "${name}" is neither declared nor used in any configuration.`,
    })),
  ];
}

function defaultsOf({ content }: StoredOrchestration): JsonObject {
  const withDefault = content.parameters.filter((parameter) => parameter.default !== undefined);
  return Object.fromEntries(withDefault.map(({ name, default: value }) => [name, value ?? null] as const));
}
