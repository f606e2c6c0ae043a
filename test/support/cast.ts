import type { OrchestrationContent } from '../../src/store/migrations/0001-definitions';
import type { Db } from '../../src/store/database';
import { newId } from '../../src/store/new-id';
import { insertConfiguration } from '../../src/store/configurations';
import type { ConfigurationId, PhaseId, TaskId } from '../../src/domain/model/ids';
import type { Task } from '../../src/domain/model/orchestration';
import type { JsonObject } from '../../src/domain/model/json';
import type { StartedBy } from '../../src/domain/model/run';

/** The person who starts the runs of the tests. */
export const ada: StartedBy = { type: 'user', id: 'usr_ada', name: 'Ada' };

/** Settings of a task that a test cares about. */
export type TaskDraft = Partial<Omit<Task, 'id'>> & { readonly id: string };

/** A task that does nothing and succeeds, unless told otherwise. */
export function aTask({ id, ...settings }: TaskDraft): Task {
  return {
    id: `tsk_${id}` as TaskId,
    name: id,
    componentId: 'job-wait',
    configurationId: null,
    configuration: { seconds: 0 },
    action: 'run',
    parameters: {},
    enabled: true,
    continueOnFailure: false,
    timeoutMinutes: null,
    retry: {
      maximumAttempts: 1,
      initialIntervalSeconds: 0,
      backoffCoefficient: 1,
      maximumIntervalSeconds: 1,
    },
    onExhausted: 'fail',
    ...settings,
  };
}

/** A task that waits, then ends as told. */
export function aWait(id: string, configuration: JsonObject, settings: Partial<Omit<Task, 'id'>> = {}): Task {
  return aTask({ id, configuration, ...settings });
}

/** Saves a configuration and answers its id. */
export async function aConfiguration(
  db: Db,
  componentId: string,
  content: JsonObject,
): Promise<ConfigurationId> {
  const id = newId('configuration') as ConfigurationId;
  await insertConfiguration(
    db,
    { id, componentId, author: 'Ada' },
    { name: componentId, description: '', enabled: true, content },
  );
  return id;
}

/** Saves an orchestration with these phases and answers its id. */
export async function anOrchestration(
  db: Db,
  phases: readonly (readonly Task[])[],
  settings: Partial<OrchestrationContent> = {},
): Promise<string> {
  const id = newId('orchestration');
  const content: OrchestrationContent = {
    name: 'Opportunities',
    description: '',
    enabled: true,
    phases: phases.map((tasks, index) => ({
      id: `phs_${index + 1}` as PhaseId,
      name: `Phase ${index + 1}`,
      tasks: [...tasks],
    })),
    parameters: [],
    limits: { maxParallelTasks: null },
    overlap: 'queue',
    ...settings,
  };
  await db
    .insertInto('orchestrations')
    .values({ id, name: content.name, enabled: content.enabled, version: 1 })
    .execute();
  await db
    .insertInto('orchestration_versions')
    .values({ orchestration_id: id, version: 1, content: JSON.stringify(content), author: 'Ada' })
    .execute();
  return id;
}
