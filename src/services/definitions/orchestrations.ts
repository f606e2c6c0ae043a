import { NotFoundError, ValidationError, listIssues } from '../../domain/errors';
import type { OrchestrationId, PhaseId, TaskId } from '../../domain/model/ids';
import type { JsonObject } from '../../domain/model/json';
import type { Orchestration, OrchestrationInput, Task, TaskInput } from '../../domain/model/orchestration';
import { keepStoredSecrets, maskSecrets } from '../../secrets/secret-box';
import { findConfigurations, type StoredConfiguration } from '../../store/configurations';
import { findNestingProblemAround } from '../../domain/rules/nesting';
import type { OrchestrationContent } from '../../store/migrations/0001-definitions';
import { newId } from '../../store/new-id';
import {
  findOrchestration,
  insertOrchestration,
  listOrchestrations as listStored,
  replaceOrchestration as replaceStored,
  trashOrchestration,
  type StoredOrchestration,
} from '../../store/orchestrations';
import type { Caller } from '../caller';
import { findNestingIssues, nestedIdOf, type NestingTask } from '../nesting';
import { findOrchestrationIssues } from './check-orchestration';
import type { DefinitionDependencies } from './dependencies';
import { assertWritten } from './written';

/** Which orchestration is meant, and which version the caller has seen. */
export interface OrchestrationRef {
  readonly id: string;
  readonly expectedVersion: number;
}

/** @throws ValidationError with all problems. */
export async function createOrchestration(
  needs: DefinitionDependencies,
  input: OrchestrationInput,
  caller: Caller,
): Promise<Orchestration> {
  const id = newId('orchestration');
  const content = await toContent(needs, input, { id, stored: null });
  await insertOrchestration(needs.db, { id, author: caller.name }, content);
  return getOrchestration(needs, id);
}

/** @throws NotFoundError, PreconditionFailedError, ValidationError with all problems. */
export async function replaceOrchestration(
  needs: DefinitionDependencies,
  { id, expectedVersion }: OrchestrationRef,
  input: OrchestrationInput,
  caller: Caller,
): Promise<Orchestration> {
  const stored = await requireStored(needs, id);
  const content = await toContent(needs, input, { id, stored });
  const write = { id, expectedVersion, author: caller.name };
  assertWritten(await replaceStored(needs.db, write, content), `orchestration ${id}`, expectedVersion);
  return getOrchestration(needs, id);
}

/** Moves an orchestration to the trash. Its runs stay, and go on. */
export async function deleteOrchestration(
  needs: DefinitionDependencies,
  { id, expectedVersion }: OrchestrationRef,
): Promise<void> {
  assertWritten(
    await trashOrchestration(needs.db, id, expectedVersion),
    `orchestration ${id}`,
    expectedVersion,
  );
}

/** @throws NotFoundError */
export async function getOrchestration(needs: DefinitionDependencies, id: string): Promise<Orchestration> {
  return present(await requireStored(needs, id));
}

/** Newest first; the cursor is the last id. */
export async function listOrchestrations(
  needs: DefinitionDependencies,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: Orchestration[]; nextCursor: string | null }> {
  const found = await listStored(needs.db, { limit: limit + 1, before: cursor });
  const page = found.slice(0, limit);
  return { items: page.map(present), nextCursor: found.length > limit ? (page.at(-1)?.id ?? null) : null };
}

async function requireStored(
  { db }: Pick<DefinitionDependencies, 'db'>,
  id: string,
): Promise<StoredOrchestration> {
  const stored = await findOrchestration(db, id);
  if (stored === null) throw new NotFoundError(`There is no orchestration ${id}.`);
  return stored;
}

/** Checks what was sent, gives ids and names where they are missing, drops empty phases, and seals secrets. */
async function toContent(
  needs: DefinitionDependencies,
  input: OrchestrationInput,
  { id, stored }: { readonly id: string; readonly stored: StoredOrchestration | null },
): Promise<OrchestrationContent> {
  const named = input.phases.flatMap((phase) => phase.tasks.flatMap((task) => task.configurationId ?? []));
  const configurations = await findConfigurations(needs.db, named);
  const issues = [
    ...findOrchestrationIssues(input, configurations, needs.findComponent),
    ...(await findNestingIssues(
      needs.db,
      id,
      nestedTasks(needs, input, configurations),
      findNestingProblemAround,
    )),
  ];
  if (issues.length > 0)
    throw new ValidationError(`The orchestration cannot be saved: ${listIssues(issues)}`, issues);
  const before = new Map(
    stored?.content.phases.flatMap((phase) => phase.tasks).map((task) => [task.id, task]),
  );
  const { name, description, enabled, parameters, limits, overlap, timeoutMinutes, priority } = input;
  const phases = input.phases
    .filter((phase) => phase.tasks.length > 0)
    .map((phase) => ({
      id: phase.id ?? (newId('phase') as PhaseId),
      name: phase.name,
      timeoutMinutes: phase.timeoutMinutes,
      retry: phase.retry,
      tasks: phase.tasks.map((task) => toTask(needs, task, { configurations, before })),
    }));
  return { name, description, enabled, phases, parameters, limits, overlap, timeoutMinutes, priority };
}

/** The tasks that run other orchestrations, each with its place in the body. */
function nestedTasks(
  { findComponent }: DefinitionDependencies,
  input: OrchestrationInput,
  configurations: ReadonlyMap<string, StoredConfiguration>,
): NestingTask[] {
  return input.phases.flatMap((phase, p) =>
    phase.tasks.flatMap((task, t) => {
      const configuration = task.configuration ?? configurations.get(task.configurationId ?? '')?.content;
      const nestedId = nestedIdOf(findComponent(task.componentId), configuration);
      return nestedId === null ? [] : [{ path: `phases.${p}.tasks.${t}`, nestedId }];
    }),
  );
}

function toTask(
  needs: DefinitionDependencies,
  input: TaskInput,
  known: { configurations: ReadonlyMap<string, StoredConfiguration>; before: ReadonlyMap<string, Task> },
): Task {
  const id = input.id ?? (newId('task') as TaskId);
  const { componentId } = input;
  const saved = known.configurations.get(input.configurationId ?? '');
  const inline = input.configuration ?? null;
  const sealed =
    inline === null
      ? null
      : needs.secrets.seal(
          { componentId, ownerId: id },
          keepStoredSecrets(inline, storedSecrets(known.before.get(id), componentId)),
        );
  return {
    ...input,
    id,
    name: input.name ?? saved?.name ?? needs.findComponent(componentId)?.summary.name ?? componentId,
    configurationId: input.configurationId ?? null,
    configuration: sealed,
  };
}

/** Secrets are bound to component and task: those of another component cannot be kept. */
function storedSecrets(before: Task | undefined, componentId: string): JsonObject {
  return before?.componentId === componentId ? (before.configuration ?? {}) : {};
}

function present({ id, version, createdAt, updatedAt, content }: StoredOrchestration): Orchestration {
  return {
    ...content,
    phases: content.phases.map((phase) => ({
      ...phase,
      tasks: phase.tasks.map((task) => ({
        ...task,
        configuration: task.configuration === null ? null : maskSecrets(task.configuration),
      })),
    })),
    id: id as OrchestrationId,
    version,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
