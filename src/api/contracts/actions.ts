import { z } from 'zod';
import { resolveActions } from '../../domain/model/run';
import { jsonObjectSchema } from '../../domain/model/json';
import { instantSchema } from '../../domain/model/instant';
import { defineEndpoint, json, stream } from './endpoint';

const linksSchema = z
  .strictObject({
    expiresAt: instantSchema,
    links: z.record(z.enum(resolveActions), z.url()),
  })
  .meta({ id: 'ActionLinks' });

export const makeActionLinks = defineEndpoint({
  name: 'makeActionLinks',
  method: 'post',
  path: '/runs/{id}/tasks/{taskId}/action-links',
  permission: 'operator',
  summary: 'Links by which somebody without a token decides on a parked task: each once, for 7 days',
  tag: 'Runs',
  params: z.strictObject({ id: z.string(), taskId: z.string() }),
  body: z.strictObject({ for: z.string().trim().min(1).max(200) }),
  success: json(200, linksSchema),
});

const params = z.strictObject({ token: z.string().max(4_000) });

export const previewAction = defineEndpoint({
  name: 'previewAction',
  method: 'get',
  path: '/actions/{token}',
  permission: 'none',
  summary: 'A page that says what a signed link would do, and asks; changes nothing',
  tag: 'Runs',
  params,
  success: stream('text/html'),
});

export const followActionLink = defineEndpoint({
  name: 'followActionLink',
  method: 'post',
  path: '/actions/{token}',
  permission: 'none',
  summary: 'Do what a signed link says, once',
  tag: 'Runs',
  params,
  body: z.strictObject({
    /** An object, or, from a form, its text. */
    parameters: z.union([jsonObjectSchema, z.string().max(100_000)]).optional(),
    note: z.string().max(1_000).optional(),
  }),
  form: true,
  success: stream('text/html'),
});
