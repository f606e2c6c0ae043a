import { z } from 'zod';
import { taskIdSchema } from '../../domain/model/ids';
import { jsonObjectSchema } from '../../domain/model/json';
import { prioritySchema } from '../../domain/model/orchestration';
import { retryPlanSchema, retryRequestSchema } from '../../domain/model/retry';
import { resolveActions, runSchema, runStatusSchema, runSummarySchema } from '../../domain/model/run';
import { runTreeSchema } from '../../domain/model/run-tree';
import { defineEndpoint, json, pageOf, pageQuery, stream } from './endpoint';

const params = z.strictObject({ id: z.string() });
const taskParams = z.strictObject({ id: z.string(), taskId: z.string() });
const instant = z.iso.datetime({ offset: true });

export const startRun = defineEndpoint({
  name: 'startRun',
  method: 'post',
  path: '/orchestrations/{id}/runs',
  permission: 'operator',
  summary: 'Start a run of all enabled tasks, or of the chosen ones',
  tag: 'Runs',
  params,
  body: z.strictObject({
    taskIds: z.array(taskIdSchema).min(1).max(10_000).optional(),
    parameters: jsonObjectSchema.optional(),
    unattended: z.boolean().optional(),
    priority: prioritySchema.optional(),
  }),
  idempotent: true,
  success: json(202, runSchema),
});

export const listRuns = defineEndpoint({
  name: 'listRuns',
  method: 'get',
  path: '/runs',
  permission: 'viewer',
  summary: 'Runs without their phases, newest first',
  tag: 'Runs',
  query: z.strictObject({
    ...pageQuery,
    orchestrationId: z.string().optional(),
    status: runStatusSchema.optional(),
    startedBy: z.string().optional(),
    parentRunId: z.string().optional(),
    from: instant.optional(),
    to: instant.optional(),
  }),
  success: json(200, pageOf(runSummarySchema)),
});

export const getRun = defineEndpoint({
  name: 'getRun',
  method: 'get',
  path: '/runs/{id}',
  permission: 'viewer',
  summary: 'A run with its phases and tasks',
  tag: 'Runs',
  params,
  success: json(200, runSchema),
});

export const getRunTree = defineEndpoint({
  name: 'getRunTree',
  method: 'get',
  path: '/runs/{id}/tree',
  permission: 'viewer',
  summary: 'A run and all that are nested in it, without their phases',
  tag: 'Runs',
  params,
  success: json(200, runTreeSchema),
});

export const cancelRun = defineEndpoint({
  name: 'cancelRun',
  method: 'post',
  path: '/runs/{id}/cancel',
  permission: 'operator',
  summary: 'Ask a run to stop; running tasks have a grace period to confirm',
  tag: 'Runs',
  params,
  body: z.strictObject({ graceSeconds: z.number().min(0).max(86_400).optional() }),
  idempotent: true,
  success: json(202, runSchema),
});

export const pauseRun = defineEndpoint({
  name: 'pauseRun',
  method: 'post',
  path: '/runs/{id}/pause',
  permission: 'operator',
  summary: 'Let running tasks finish and start no new one',
  tag: 'Runs',
  params,
  idempotent: true,
  success: json(202, runSchema),
});

export const resumeRun = defineEndpoint({
  name: 'resumeRun',
  method: 'post',
  path: '/runs/{id}/resume',
  permission: 'operator',
  summary: 'Go on with a paused run',
  tag: 'Runs',
  params,
  idempotent: true,
  success: json(202, runSchema),
});

export const getRetrySelection = defineEndpoint({
  name: 'getRetrySelection',
  method: 'get',
  path: '/runs/{id}/retry-selection',
  permission: 'viewer',
  summary: 'The tasks that a retry would choose by itself',
  tag: 'Runs',
  params,
  success: json(200, z.strictObject({ taskIds: z.array(taskIdSchema) })),
});

export const retryRun = defineEndpoint({
  name: 'retryRun',
  method: 'post',
  path: '/runs/{id}/retry',
  permission: 'operator',
  summary:
    'Start a new run for one that has ended, reusing what it has done; or, with dryRun, answer the plan',
  tag: 'Runs',
  params,
  body: retryRequestSchema,
  idempotent: true,
  success: json(202, z.union([runSchema, retryPlanSchema])),
});

export const resolveTask = defineEndpoint({
  name: 'resolveTask',
  method: 'post',
  path: '/runs/{id}/tasks/{taskId}/resolve',
  permission: 'operator',
  summary: 'Decide what becomes of a parked task: run it again, skip it, count it as done, or let it fail',
  tag: 'Runs',
  params: taskParams,
  body: z.strictObject({
    action: z.enum(resolveActions),
    parameters: jsonObjectSchema.optional(),
    note: z.string().max(1_000).optional(),
  }),
  idempotent: true,
  success: json(202, runSchema),
});

export const watchRun = defineEndpoint({
  name: 'watchRun',
  method: 'get',
  path: '/runs/{id}/events',
  permission: 'viewer',
  summary: 'Server-Sent Events: run, then change, at last end',
  tag: 'Runs',
  params,
  success: stream('text/event-stream'),
});

export const readTaskLog = defineEndpoint({
  name: 'readTaskLog',
  method: 'get',
  path: '/runs/{id}/tasks/{taskId}/log',
  permission: 'viewer',
  summary: 'Lines of a task: time, level, message',
  tag: 'Runs',
  params: taskParams,
  query: z.strictObject({
    attempt: z.coerce.number().int().min(1).optional(),
    follow: z.enum(['true', 'false']).default('false'),
  }),
  success: stream('text/plain'),
});
