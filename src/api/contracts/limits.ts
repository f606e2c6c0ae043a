import { z } from 'zod';
import { leaseKeySchema, limitSchema } from '../../domain/model/limit';
import { defineEndpoint, json } from './endpoint';

const params = z.strictObject({ key: leaseKeySchema });

export const listLimits = defineEndpoint({
  name: 'listLimits',
  method: 'get',
  path: '/limits',
  permission: 'viewer',
  summary: 'Limits and holds, what runs under them, and how many tasks wait',
  tag: 'Limits',
  success: json(200, z.strictObject({ items: z.array(limitSchema) })),
});

export const getLimit = defineEndpoint({
  name: 'getLimit',
  method: 'get',
  path: '/limits/{key}',
  permission: 'viewer',
  summary: 'How a key stands: component:…, connection:… or configuration:…',
  tag: 'Limits',
  params,
  success: json(200, limitSchema),
});

export const setLimit = defineEndpoint({
  name: 'setLimit',
  method: 'put',
  path: '/limits/{key}',
  permission: 'editor',
  summary: 'Set how many tasks with a key may run at the same time; null for any number',
  tag: 'Limits',
  params,
  body: z.strictObject({ maxRunning: z.int().min(1).max(10_000).nullable() }),
  success: json(200, limitSchema),
});

export const hold = defineEndpoint({
  name: 'hold',
  method: 'post',
  path: '/limits/{key}/hold',
  permission: 'operator',
  summary: 'Let nothing with a key start, until an instant or until it is released; what runs goes on',
  tag: 'Limits',
  params,
  body: z.strictObject({
    reason: z.string().trim().min(1).max(1_000),
    until: z.iso.datetime({ offset: true }).optional(),
  }),
  success: json(200, limitSchema),
});

export const releaseHold = defineEndpoint({
  name: 'releaseHold',
  method: 'delete',
  path: '/limits/{key}/hold',
  permission: 'operator',
  summary: 'End a hold; what waits goes on',
  tag: 'Limits',
  params,
  success: json(200, limitSchema),
});
