import { z } from 'zod';
import { orchestrationInputSchema, orchestrationSchema } from '../../domain/model/orchestration';
import { defineEndpoint, empty, json, pageOf, pageQuery } from './endpoint';

const params = z.strictObject({ id: z.string() });

export const listOrchestrations = defineEndpoint({
  name: 'listOrchestrations',
  method: 'get',
  path: '/orchestrations',
  permission: 'viewer',
  summary: 'Orchestrations, newest first',
  tag: 'Orchestrations',
  query: z.strictObject(pageQuery),
  success: json(200, pageOf(orchestrationSchema)),
});

export const createOrchestration = defineEndpoint({
  name: 'createOrchestration',
  method: 'post',
  path: '/orchestrations',
  permission: 'editor',
  summary: 'Save a new orchestration; ids of phases and tasks may be left out',
  tag: 'Orchestrations',
  body: orchestrationInputSchema,
  success: json(201, orchestrationSchema),
});

export const getOrchestration = defineEndpoint({
  name: 'getOrchestration',
  method: 'get',
  path: '/orchestrations/{id}',
  permission: 'viewer',
  summary: 'An orchestration',
  tag: 'Orchestrations',
  params,
  success: json(200, orchestrationSchema),
});

export const replaceOrchestration = defineEndpoint({
  name: 'replaceOrchestration',
  method: 'put',
  path: '/orchestrations/{id}',
  permission: 'editor',
  summary: 'Save a new version of an orchestration',
  tag: 'Orchestrations',
  params,
  body: orchestrationInputSchema,
  ifMatch: true,
  success: json(200, orchestrationSchema),
});

export const deleteOrchestration = defineEndpoint({
  name: 'deleteOrchestration',
  method: 'delete',
  path: '/orchestrations/{id}',
  permission: 'editor',
  summary: 'Move an orchestration to the trash; its runs stay',
  tag: 'Orchestrations',
  params,
  ifMatch: true,
  success: empty,
});
