import * as components from '../../services/definitions/components';
import * as configurations from '../../services/definitions/configurations';
import * as orchestrations from '../../services/definitions/orchestrations';
import type { Services } from '../../services/services';
import { bind, type Binding } from '../bind';
import * as componentContracts from '../contracts/components';
import * as orchestrationContracts from '../contracts/orchestrations';

/** Components and their configurations. */
export function bindComponents({ definitions }: Pick<Services, 'definitions'>): Binding[] {
  return [
    bind(componentContracts.listComponents, () => ({
      body: { items: components.listComponents(definitions) },
    })),
    bind(componentContracts.getComponent, ({ params }) => ({
      body: components.getComponent(definitions, params.id),
    })),
    bind(componentContracts.listConfigurations, async ({ params, query }) => ({
      body: await configurations.listConfigurations(definitions, { ...params, ...query }),
    })),
    bind(componentContracts.createConfiguration, async ({ params: { componentId }, body, caller }) => {
      const created = await configurations.createConfiguration(definitions, componentId, body, caller);
      const location = `/components/${componentId}/configurations/${created.id}`;
      return { body: created, version: created.version, location };
    }),
    bind(componentContracts.getConfiguration, async ({ params }) => {
      const found = await configurations.getConfiguration(definitions, params);
      return { body: found, version: found.version };
    }),
    bind(componentContracts.replaceConfiguration, async ({ params, expectedVersion, body, caller }) => {
      const ref = { ...params, expectedVersion };
      const replaced = await configurations.replaceConfiguration(definitions, ref, body, caller);
      return { body: replaced, version: replaced.version };
    }),
    bind(componentContracts.deleteConfiguration, async ({ params, expectedVersion }) => {
      await configurations.deleteConfiguration(definitions, { ...params, expectedVersion });
      return {};
    }),
    bind(componentContracts.runConfigurationAction, async ({ params: { action, ...ref } }) => ({
      body: await configurations.runAction(definitions, ref, action),
    })),
  ];
}

export function bindOrchestrations({ definitions }: Pick<Services, 'definitions'>): Binding[] {
  return [
    bind(orchestrationContracts.listOrchestrations, async ({ query }) => ({
      body: await orchestrations.listOrchestrations(definitions, query),
    })),
    bind(orchestrationContracts.createOrchestration, async ({ body, caller }) => {
      const created = await orchestrations.createOrchestration(definitions, body, caller);
      return { body: created, version: created.version, location: `/orchestrations/${created.id}` };
    }),
    bind(orchestrationContracts.getOrchestration, async ({ params }) => {
      const found = await orchestrations.getOrchestration(definitions, params.id);
      return { body: found, version: found.version };
    }),
    bind(orchestrationContracts.replaceOrchestration, async ({ params, expectedVersion, body, caller }) => {
      const ref = { id: params.id, expectedVersion };
      const replaced = await orchestrations.replaceOrchestration(definitions, ref, body, caller);
      return { body: replaced, version: replaced.version };
    }),
    bind(orchestrationContracts.deleteOrchestration, async ({ params, expectedVersion }) => {
      await orchestrations.deleteOrchestration(definitions, { id: params.id, expectedVersion });
      return {};
    }),
  ];
}
