import { z } from 'zod';
import { phaseIdSchema, runIdSchema, taskIdSchema } from './ids';
import { jsonObjectSchema } from './json';

/**
 * Which tasks of an ended run a retry runs: those that `retrySelection` chooses, those that are named, or all from a
 * phase on.
 */
export const retryModes = ['failed', 'selected', 'fromPhase'] as const;

/** What a caller may write to retry a run. */
export const retryRequestSchema = z
  .strictObject({
    mode: z.enum(retryModes),
    /** For `selected`. */
    taskIds: z.array(taskIdSchema).min(1).max(10_000).optional(),
    /** For `fromPhase`. */
    phaseId: phaseIdSchema.optional(),
    /** What the old run was started with, or what the orchestration is today. */
    definition: z.enum(['original', 'current']),
    /** Win over the old run's values. */
    parameters: jsonObjectSchema.optional(),
    /** Answer the plan and start nothing. */
    dryRun: z.boolean().optional(),
  })
  .refine(({ mode, taskIds }) => (mode === 'selected') === (taskIds !== undefined), {
    path: ['taskIds'],
    message: 'Needed for the mode "selected", and only there',
  })
  .refine(({ mode, phaseId }) => (mode === 'fromPhase') === (phaseId !== undefined), {
    path: ['phaseId'],
    message: 'Needed for the mode "fromPhase", and only there',
  })
  .meta({ id: 'RetryRequest' });
export type RetryRequest = z.infer<typeof retryRequestSchema>;

/** What a retry would do, task by task. */
export const retryPlanSchema = z
  .strictObject({
    willRun: z.array(taskIdSchema),
    /** Tasks whose result stands, and the run that it is from. */
    reused: z.array(z.strictObject({ taskId: taskIdSchema, runId: runIdSchema })),
    /** Tasks that neither run nor have a result that stands. */
    notRun: z.array(taskIdSchema),
    /** Of those that run: tasks that the old run did not have. */
    newTasks: z.array(taskIdSchema),
    /** Why, in a sentence for each task. */
    reasons: z.record(z.string(), z.string()),
  })
  .meta({ id: 'RetryPlan' });
export type RetryPlan = z.infer<typeof retryPlanSchema>;
