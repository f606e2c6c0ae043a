import { z } from 'zod';
import { configurationIdSchema, orchestrationIdSchema, phaseIdSchema, taskIdSchema } from './ids';
import { instantSchema } from './instant';
import { jsonObjectSchema, jsonSchema } from './json';

/** What happens to a start while a run of the same orchestration is under way. */
export const overlapPolicies = ['queue', 'skip', 'bufferOne', 'cancelRunning'] as const;
export const overlapPolicySchema = z.enum(overlapPolicies).meta({ id: 'OverlapPolicy' });
export type OverlapPolicy = z.infer<typeof overlapPolicySchema>;

/** How often, and after which pauses, a failed attempt of a task is repeated. User errors never are. */
export const retryPolicySchema = z
  .strictObject({
    /** Attempts in all, counting failures of the work itself: a lost worker uses none up. */
    maximumAttempts: z.int().min(1).max(1_000).default(3),
    initialIntervalSeconds: z.number().min(0).max(86_400).default(2),
    backoffCoefficient: z.number().min(1).max(100).default(2),
    maximumIntervalSeconds: z.number().min(0).max(86_400).default(300),
    /** Repeat exactly the errors whose code or message contains one of these texts; none: whatever may pass. */
    retryOn: z.array(z.string().trim().min(1).max(500)).min(1).max(20).nullish(),
  })
  .meta({ id: 'RetryPolicy' });
export type RetryPolicy = z.infer<typeof retryPolicySchema>;

const nameSchema = z.string().trim().min(1).max(200);

/** How often, and after which pause, the failed tasks of a phase are run again before the run fails. */
export const phaseRetrySchema = z
  .strictObject({
    /** In all, the first one included. */
    maximumAttempts: z.int().min(1).max(100),
    intervalSeconds: z.number().min(0).max(604_800).default(60),
  })
  .meta({ id: 'PhaseRetry' });
export type PhaseRetry = z.infer<typeof phaseRetrySchema>;

const timeoutMinutesSchema = z.number().positive().max(525_600);

const phaseLimits = {
  /** From the phase's start, its own retries included; none for no limit. */
  timeoutMinutes: timeoutMinutesSchema.nullish(),
  /** None: a failed task fails the run, when its own attempts are used up. */
  retry: phaseRetrySchema.nullish(),
};

/** One step: a component with a saved or an inline configuration, and how to run it. */
export const taskSchema = z
  .strictObject({
    id: taskIdSchema,
    name: nameSchema,
    componentId: z.string().min(1).max(100),
    configurationId: configurationIdSchema.nullable(),
    /** Inline settings instead of a saved configuration; `null` when there is one. */
    configuration: jsonObjectSchema.nullable(),
    action: z.string().min(1).max(100),
    parameters: jsonObjectSchema,
    enabled: z.boolean(),
    /** A failure of this task leaves the run with a warning instead of an error. */
    continueOnFailure: z.boolean(),
    /** From the first start, attempts and pauses included; `null` for no limit. */
    timeoutMinutes: timeoutMinutesSchema.nullable(),
    retry: retryPolicySchema,
    onExhausted: z.enum(['fail', 'park']),
  })
  .meta({ id: 'Task' });
export type Task = z.infer<typeof taskSchema>;

/** Tasks that run side by side. Names are unique within an orchestration. */
export const phaseSchema = z
  .strictObject({
    id: phaseIdSchema,
    name: nameSchema,
    ...phaseLimits,
    tasks: z.array(taskSchema),
  })
  .meta({ id: 'Phase' });
export type Phase = z.infer<typeof phaseSchema>;

export const parameterSchema = z
  .strictObject({
    name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,99}$/, 'A name of letters, digits, "_", "." or "-"'),
    default: jsonSchema.optional(),
    description: z.string().max(1_000).default(''),
  })
  .meta({ id: 'Parameter' });

export const prioritySchema = z.int().min(-100).max(100);

const orchestrationSettings = {
  name: nameSchema,
  description: z.string().max(10_000).default(''),
  enabled: z.boolean().default(true),
  parameters: z.array(parameterSchema).max(200).default([]),
  limits: z
    .strictObject({ maxParallelTasks: z.int().min(1).max(500).nullable().default(null) })
    .default({ maxParallelTasks: null }),
  overlap: overlapPolicySchema.default('queue'),
  /** From the run's start, waiting before it not counted; none for no limit. */
  timeoutMinutes: timeoutMinutesSchema.nullish(),
  /** Where tasks wait for the same limit, those of the run with the larger number go first. */
  priority: prioritySchema.nullish(),
};

/** Ordered phases, with how their runs start and end. */
export const orchestrationSchema = z
  .strictObject({
    id: orchestrationIdSchema,
    ...orchestrationSettings,
    phases: z.array(phaseSchema),
    version: z.int().min(1),
    createdAt: instantSchema,
    updatedAt: instantSchema,
  })
  .meta({ id: 'Orchestration' });
export type Orchestration = z.infer<typeof orchestrationSchema>;

/** Read-only fields are accepted so that an answer can be sent back as it is, and ignored. */
const ignored = z.unknown().optional();

const taskInputSchema = z
  .strictObject({
    ...taskSchema.partial({ id: true }).shape,
    name: nameSchema.optional(),
    configurationId: configurationIdSchema.nullish(),
    configuration: jsonObjectSchema.nullish(),
    action: taskSchema.shape.action.default('run'),
    parameters: jsonObjectSchema.default({}),
    enabled: z.boolean().default(true),
    continueOnFailure: z.boolean().default(false),
    timeoutMinutes: taskSchema.shape.timeoutMinutes.default(null),
    retry: retryPolicySchema.prefault({}),
    onExhausted: z.enum(['fail', 'park']).default('fail'),
  })
  .meta({ id: 'TaskInput' });

/** What a caller may write of an orchestration: ids may be left out, and only `name` is needed. */
export const orchestrationInputSchema = z
  .strictObject({
    ...orchestrationSettings,
    phases: z
      .array(
        z.strictObject({
          id: phaseIdSchema.optional(),
          name: nameSchema,
          ...phaseLimits,
          tasks: z.array(taskInputSchema).max(10_000).default([]),
        }),
      )
      .max(1_000)
      .default([]),
    id: ignored,
    version: ignored,
    createdAt: ignored,
    updatedAt: ignored,
  })
  .meta({ id: 'OrchestrationInput' });
export type OrchestrationInput = z.infer<typeof orchestrationInputSchema>;
export type TaskInput = OrchestrationInput['phases'][number]['tasks'][number];
