import { z } from 'zod';
import { jsonObjectSchema, jsonSchema } from '../../domain/model/json';

const method = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']);
const url = z
  .string()
  .min(1)
  .max(4_000)
  .meta({ description: 'May hold {{runId}}, {{taskId}}, {{attempt}}, {{jobId}}, {{parameters.x}}' });
const path = z.string().min(1).meta({ description: 'Place in the JSON answer, e.g. data.job.id' });
const values = z.array(z.union([z.string(), z.number(), z.boolean()])).min(1);

export const httpConfiguration = z.strictObject({
  request: z.strictObject({
    method,
    url,
    headers: z
      .record(z.string().regex(/^#?[A-Za-z0-9!$%&'*+.^_`|~-]+$/, 'A header name'), z.string())
      .default({})
      .meta({ description: 'A header named #authorization is a secret and is sent as authorization' }),
    body: z.union([z.string(), jsonObjectSchema, z.array(jsonSchema)]).optional(),
    timeoutSeconds: z.number().positive().max(3_600).default(30),
  }),
  idempotencyHeader: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Header that carries a key which is the same when the same start is repeated' }),
  poll: z
    .strictObject({
      url,
      intervalSeconds: z.number().min(0.05).max(3_600),
      idPath: path.optional(),
      statusPath: path,
      successValues: values,
      failureValues: values,
      messagePath: path.optional(),
      timeoutMinutes: z.number().positive().max(525_600).optional(),
    })
    .optional()
    .meta({ description: 'How to follow the job that the request starts; without it the answer is the end' }),
  cancel: z
    .strictObject({ method, url })
    .optional()
    .meta({ description: 'How to stop the job when the run is cancelled or the task times out' }),
});
export type HttpConfiguration = z.output<typeof httpConfiguration>;
