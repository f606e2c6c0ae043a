import { z } from 'zod';
import { componentSummarySchema } from '../../domain/model/component';
import { configurationInputSchema, configurationSchema } from '../../domain/model/configuration';
import { defineEndpoint, empty, json, pageOf, pageQuery } from './endpoint';

const ofComponent = z.strictObject({ componentId: z.string() });
const ofConfiguration = z.strictObject({ componentId: z.string(), id: z.string() });

/** An answer can be sent back as it is: read-only fields are ignored. */
const ignored = z.unknown().optional();
const configurationBody = configurationInputSchema.extend({
  id: ignored,
  componentId: ignored,
  version: ignored,
  createdAt: ignored,
  updatedAt: ignored,
});

export const listComponents = defineEndpoint({
  name: 'listComponents',
  method: 'get',
  path: '/components',
  permission: 'viewer',
  summary: 'All components with the form of their configurations',
  tag: 'Components',
  success: json(200, z.strictObject({ items: z.array(componentSummarySchema) })),
});

export const getComponent = defineEndpoint({
  name: 'getComponent',
  method: 'get',
  path: '/components/{id}',
  permission: 'viewer',
  summary: 'A component',
  tag: 'Components',
  params: z.strictObject({ id: z.string() }),
  success: json(200, componentSummarySchema),
});

export const listConfigurations = defineEndpoint({
  name: 'listConfigurations',
  method: 'get',
  path: '/components/{componentId}/configurations',
  permission: 'viewer',
  summary: 'The configurations of a component, newest first',
  tag: 'Configurations',
  params: ofComponent,
  query: z.strictObject(pageQuery),
  success: json(200, pageOf(configurationSchema)),
});

export const createConfiguration = defineEndpoint({
  name: 'createConfiguration',
  method: 'post',
  path: '/components/{componentId}/configurations',
  permission: 'editor',
  summary: 'Save a new configuration',
  tag: 'Configurations',
  params: ofComponent,
  body: configurationBody,
  success: json(201, configurationSchema),
});

export const getConfiguration = defineEndpoint({
  name: 'getConfiguration',
  method: 'get',
  path: '/components/{componentId}/configurations/{id}',
  permission: 'viewer',
  summary: 'A configuration; secrets are masked',
  tag: 'Configurations',
  params: ofConfiguration,
  success: json(200, configurationSchema),
});

export const replaceConfiguration = defineEndpoint({
  name: 'replaceConfiguration',
  method: 'put',
  path: '/components/{componentId}/configurations/{id}',
  permission: 'editor',
  summary: 'Save a new version; a masked secret keeps the stored one',
  tag: 'Configurations',
  params: ofConfiguration,
  body: configurationBody,
  ifMatch: true,
  success: json(200, configurationSchema),
});

export const deleteConfiguration = defineEndpoint({
  name: 'deleteConfiguration',
  method: 'delete',
  path: '/components/{componentId}/configurations/{id}',
  permission: 'editor',
  summary: 'Move a configuration to the trash',
  tag: 'Configurations',
  params: ofConfiguration,
  ifMatch: true,
  success: empty,
});

export const runConfigurationAction = defineEndpoint({
  name: 'runConfigurationAction',
  method: 'post',
  path: '/components/{componentId}/configurations/{id}/actions/{action}',
  permission: 'editor',
  summary: 'Ask a configuration something, e.g. testConnection; 30 seconds at most',
  tag: 'Configurations',
  params: z.strictObject({ componentId: z.string(), id: z.string(), action: z.string() }),
  success: json(200, z.looseObject({ ok: z.literal(true) })),
});
