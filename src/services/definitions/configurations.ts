import { NotFoundError, TransientError, ValidationError, listIssues, type Issue } from '../../domain/errors';
import type { Configuration, ConfigurationInput } from '../../domain/model/configuration';
import type { ConfigurationId } from '../../domain/model/ids';
import type { Json, JsonObject } from '../../domain/model/json';
import { keepStoredSecrets, maskSecrets } from '../../secrets/secret-box';
import {
  findConfiguration,
  insertConfiguration,
  listConfigurations as listStored,
  replaceConfiguration as replaceStored,
  trashConfiguration,
  type StoredConfiguration,
} from '../../store/configurations';
import { newId } from '../../store/new-id';
import type { Caller } from '../caller';
import { findNestingIssuesOfConfiguration, nestedIdOf } from '../nesting';
import { requireComponent } from './components';
import type { DefinitionDependencies } from './dependencies';
import { assertWritten } from './written';

/** Which configuration is meant, and which version the caller has seen. */
export interface ConfigurationRef {
  readonly componentId: string;
  readonly id: string;
}

/** @throws NotFoundError, ValidationError with all problems. */
export async function createConfiguration(
  needs: DefinitionDependencies,
  componentId: string,
  input: ConfigurationInput,
  caller: Caller,
): Promise<Configuration> {
  const id = newId('configuration');
  await refuseIssues(needs, { componentId, id }, input.configuration);
  const unstored = keepStoredSecrets(input.configuration, {});
  const content = needs.secrets.seal({ componentId, ownerId: id }, unstored);
  await insertConfiguration(
    needs.db,
    { id, componentId, author: caller.name },
    { ...contentOf(input), content },
  );
  return getConfiguration(needs, { componentId, id });
}

/** @throws NotFoundError, PreconditionFailedError, ValidationError with all problems. */
export async function replaceConfiguration(
  needs: DefinitionDependencies,
  ref: ConfigurationRef & { readonly expectedVersion: number },
  input: ConfigurationInput,
  caller: Caller,
): Promise<Configuration> {
  const { componentId, id, expectedVersion } = ref;
  const stored = await requireStored(needs, ref);
  await refuseIssues(needs, ref, input.configuration);
  const merged = keepStoredSecrets(input.configuration, stored.content);
  const content = needs.secrets.seal({ componentId, ownerId: id }, merged);
  const write = { id, expectedVersion, author: caller.name };
  assertWritten(
    await replaceStored(needs.db, write, { ...contentOf(input), content }),
    `configuration ${id}`,
    expectedVersion,
  );
  return getConfiguration(needs, ref);
}

/** Moves a configuration to the trash. Runs that are under way keep the version that they started with. */
export async function deleteConfiguration(
  needs: DefinitionDependencies,
  ref: ConfigurationRef & { readonly expectedVersion: number },
): Promise<void> {
  await requireStored(needs, ref);
  const outcome = await trashConfiguration(needs.db, ref.id, ref.expectedVersion);
  assertWritten(outcome, `configuration ${ref.id}`, ref.expectedVersion);
}

/** @throws NotFoundError */
export async function getConfiguration(
  needs: DefinitionDependencies,
  ref: ConfigurationRef,
): Promise<Configuration> {
  return present(await requireStored(needs, ref));
}

/** Newest first; the cursor is the last id. */
export async function listConfigurations(
  needs: DefinitionDependencies,
  { componentId, limit, cursor }: { componentId: string; limit: number; cursor?: string | undefined },
): Promise<{ items: Configuration[]; nextCursor: string | null }> {
  requireComponent(needs, componentId);
  const found = await listStored(needs.db, { componentId, limit: limit + 1, before: cursor });
  const page = found.slice(0, limit);
  return { items: page.map(present), nextCursor: found.length > limit ? (page.at(-1)?.id ?? null) : null };
}

/**
 * Asks a configuration something at once, e.g. whether its connection works. It has 30 seconds.
 *
 * @throws NotFoundError for an action that the component does not have; what the component throws.
 */
export async function runAction(
  needs: DefinitionDependencies,
  ref: ConfigurationRef,
  action: string,
): Promise<JsonObject> {
  const { componentId, id } = ref;
  const component = requireComponent(needs, componentId);
  const ask = component.actions.get(action);
  if (ask === undefined) {
    const known = [...component.actions.keys()].join(', ') || 'none';
    throw new NotFoundError(`Component "${componentId}" has no action "${action}". It has: ${known}.`);
  }
  const stored = await requireStored(needs, ref);
  const configuration = needs.secrets.reveal({ componentId, ownerId: id }, stored.content);
  try {
    return await ask(configuration, { signal: AbortSignal.timeout(30_000), settings: needs.settings });
  } catch (error) {
    // Not a part of the product is away, but what the configuration names.
    if (!(error instanceof TransientError)) throw error;
    throw new ValidationError(error.message, [], { code: error.code, cause: error });
  }
}

async function requireStored(
  needs: DefinitionDependencies,
  { componentId, id }: ConfigurationRef,
): Promise<StoredConfiguration> {
  requireComponent(needs, componentId);
  const stored = await findConfiguration(needs.db, id);
  if (stored?.componentId !== componentId) {
    throw new NotFoundError(`Component "${componentId}" has no configuration ${id}.`);
  }
  return stored;
}

async function refuseIssues(
  needs: DefinitionDependencies,
  { componentId, id }: ConfigurationRef,
  configuration: Json,
): Promise<void> {
  const component = requireComponent(needs, componentId);
  const nestedId = nestedIdOf(component, configuration);
  const nesting = nestedId === null ? [] : await findNestingIssuesOfConfiguration(needs.db, id, nestedId);
  const issues = [...component.findIssues(configuration), ...nesting];
  if (issues.length === 0) return;
  const placed: Issue[] = issues.map(({ path, message }) => ({
    path: path === '' ? 'configuration' : `configuration.${path}`,
    message,
  }));
  throw new ValidationError(
    `The configuration does not fit component "${componentId}": ${listIssues(placed)}`,
    placed,
    { code: 'BAD_CONFIGURATION' },
  );
}

function contentOf({ name, description, enabled }: ConfigurationInput) {
  return { name, description, enabled };
}

function present(stored: StoredConfiguration): Configuration {
  return {
    id: stored.id as ConfigurationId,
    componentId: stored.componentId,
    name: stored.name,
    description: stored.description,
    enabled: stored.enabled,
    configuration: maskSecrets(stored.content),
    version: stored.version,
    createdAt: stored.createdAt.toISOString(),
    updatedAt: stored.updatedAt.toISOString(),
  };
}
