import { z } from 'zod';
import {
  configurationIdSchema,
  orchestrationIdSchema,
  phaseIdSchema,
  runIdSchema,
  taskIdSchema,
} from './ids';
import { instantSchema } from './instant';
import { jsonObjectSchema } from './json';
import { tableIdSchema } from './table';

export const runStatuses = [
  'created',
  'waiting',
  'processing',
  'terminating',
  'success',
  'warning',
  'error',
  'cancelled',
  'terminated',
] as const;
export const runStatusSchema = z.enum(runStatuses).meta({ id: 'RunStatus' });
export type RunStatus = z.infer<typeof runStatusSchema>;

export const taskStatuses = [
  'pending',
  'waiting',
  'processing',
  'parked',
  'success',
  'warning',
  'error',
  'cancelled',
  'terminated',
  'skipped',
  'notRun',
] as const;
export const taskStatusSchema = z.enum(taskStatuses).meta({ id: 'TaskStatus' });
export type TaskStatus = z.infer<typeof taskStatusSchema>;

/** Who or what started a run. */
export const startedBySchema = z
  .strictObject({
    type: z.enum(['user', 'token', 'schedule', 'trigger', 'orchestration']),
    id: z.string(),
    name: z.string(),
  })
  .meta({ id: 'StartedBy' });
export type StartedBy = z.infer<typeof startedBySchema>;

/** What a waiting run or task waits for, who has it, and the place in the queue (1 is next). */
export const waitingForSchema = z
  .strictObject({
    kind: z.enum(['configuration', 'orchestration', 'limit', 'hold']),
    key: z.string(),
    holders: z.array(z.strictObject({ runId: z.string(), taskId: z.string().nullable() })),
    position: z.int().min(1),
    since: instantSchema,
  })
  .meta({ id: 'WaitingFor' });
export type WaitingFor = z.infer<typeof waitingForSchema>;

/** Why a task failed. `type` says who can mend it. */
export const taskErrorSchema = z
  .strictObject({
    code: z.string(),
    message: z.string(),
    type: z.enum(['user', 'application']),
    attempt: z.int().min(0),
  })
  .meta({ id: 'TaskError' });
export type TaskError = z.infer<typeof taskErrorSchema>;

/** Why a run ended, where its tasks do not say it: it was ended from outside, or passed a time-out. */
export const runErrorSchema = z
  .strictObject({ code: z.string(), message: z.string() })
  .meta({ id: 'RunError' });
export type RunError = z.infer<typeof runErrorSchema>;

/** What a task did, in a sentence, and the table versions that it published. */
export const taskResultSchema = z
  .strictObject({
    message: z.string(),
    tables: z.array(z.strictObject({ id: tableIdSchema, rows: z.int().min(0), version: z.string() })),
  })
  .meta({ id: 'TaskResult' });
export type TaskResult = z.infer<typeof taskResultSchema>;

/** What a person can decide of a parked task. */
export const resolveActions = ['retry', 'skip', 'succeed', 'fail'] as const;
export type ResolveAction = (typeof resolveActions)[number];

/** What a person has decided of a parked task. */
export const resolutionSchema = z
  .strictObject({
    action: z.enum(resolveActions),
    note: z.string(),
    by: startedBySchema,
    at: instantSchema,
  })
  .meta({ id: 'Resolution' });
export type Resolution = z.infer<typeof resolutionSchema>;

/** How far a running task is; `total` is `null` while nobody knows. */
export const taskProgressSchema = z
  .strictObject({
    done: z.number().min(0),
    total: z.number().min(0).nullable(),
    unit: z.string(),
  })
  .meta({ id: 'TaskProgress' });
export type TaskProgress = z.infer<typeof taskProgressSchema>;

/** One execution of a task, in one or more attempts. */
export const runTaskSchema = z
  .strictObject({
    id: taskIdSchema,
    name: z.string(),
    componentId: z.string(),
    configurationId: configurationIdSchema.nullable(),
    status: taskStatusSchema,
    /** Attempts begun, losses of a worker not counted; 0 before the first. */
    attempt: z.int().min(0),
    startedAt: instantSchema.nullable(),
    finishedAt: instantSchema.nullable(),
    durationMs: z.int().min(0).nullable(),
    waitingFor: waitingForSchema.nullable(),
    progress: taskProgressSchema.nullable(),
    result: taskResultSchema.nullable(),
    error: taskErrorSchema.nullable(),
    /** In a retry: the run whose result stands for this task. */
    reusedFrom: runIdSchema.nullable(),
    /** For component `orchestration`: the run that is this task's work. */
    nestedRunId: runIdSchema.nullable(),
    /** When it was parked; it fails when nobody decides within 7 days. */
    parkedAt: instantSchema.nullable(),
    /** The last decision on it while it was parked. */
    resolution: resolutionSchema.nullable(),
  })
  .meta({ id: 'RunTask' });
export type RunTask = z.infer<typeof runTaskSchema>;

/** A phase of a run; its status and times follow from its tasks. */
export const runPhaseSchema = z
  .strictObject({
    id: phaseIdSchema,
    name: z.string(),
    status: taskStatusSchema,
    /** 1, unless the phase has a retry of its own and its failed tasks were run again. */
    attempt: z.int().min(1),
    startedAt: instantSchema.nullable(),
    finishedAt: instantSchema.nullable(),
    tasks: z.array(runTaskSchema),
  })
  .meta({ id: 'RunPhase' });
export type RunPhase = z.infer<typeof runPhaseSchema>;

/** A run without its phases, as in lists. */
export const runSummarySchema = z
  .strictObject({
    id: runIdSchema,
    orchestrationId: orchestrationIdSchema,
    orchestrationName: z.string(),
    orchestrationVersion: z.int().min(1),
    status: runStatusSchema,
    paused: z.boolean(),
    startedBy: startedBySchema,
    createdAt: instantSchema,
    startedAt: instantSchema.nullable(),
    finishedAt: instantSchema.nullable(),
    durationMs: z.int().min(0).nullable(),
    waitingFor: waitingForSchema.nullable(),
    parameters: jsonObjectSchema,
    priority: z.int(),
    retryOf: runIdSchema.nullable(),
    /** The task that this run is the work of; `null` for a run of its own. */
    parent: z.strictObject({ runId: runIdSchema, taskId: taskIdSchema }).nullable(),
    /** Why it ended, where its tasks do not say it. */
    error: runErrorSchema.nullable(),
    temporal: z.strictObject({ workflowId: z.string(), runId: z.string().nullable(), url: z.string() }),
  })
  .meta({ id: 'RunSummary' });
export type RunSummary = z.infer<typeof runSummarySchema>;

/** One execution of an orchestration. */
export const runSchema = runSummarySchema.extend({ phases: z.array(runPhaseSchema) }).meta({ id: 'Run' });
export type Run = z.infer<typeof runSchema>;
