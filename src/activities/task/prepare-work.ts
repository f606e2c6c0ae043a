import type { Component } from '../../components/component';
import { UserError } from '../../domain/errors';
import type { JsonObject } from '../../domain/model/json';
import { resolveParameters } from '../../domain/rules/parameters';
import type { ActivityDependencies } from '../dependencies';
import type { AttemptInput } from './attempt-record';

/** What an attempt needs before it can work. */
export interface PreparedWork {
  readonly execution: Component['execution'];
  /** Secrets in clear text, parameters in place. */
  readonly configuration: JsonObject;
  /** Takes the secrets out of everything that is said from here on. */
  readonly mask: (text: string) => string;
}

/** Finds the component, opens the secrets and puts the parameters in. @throws UserError when something is gone. */
export function prepareWork(
  { findComponent, secrets }: Pick<ActivityDependencies, 'findComponent' | 'secrets'>,
  { task, claim }: Pick<AttemptInput, 'task' | 'claim'>,
): PreparedWork {
  const component = findComponent(task.componentId);
  if (component === undefined) {
    throw new UserError(`There is no component "${task.componentId}" in this installation.`, {
      code: 'UNKNOWN_COMPONENT',
    });
  }
  if (task.configuration === null) {
    throw new UserError(
      `Version of configuration ${task.configurationId ?? ''} that this run was started with is gone. Start a new run.`,
      { code: 'CONFIGURATION_GONE' },
    );
  }
  const owner = { componentId: task.componentId, ownerId: task.configurationId ?? claim.taskId };
  const revealed = secrets.reveal(owner, task.configuration);
  return {
    execution: component.execution,
    configuration: resolveParameters(revealed, task.parameters),
    mask: secrets.maskerOf(revealed),
  };
}
