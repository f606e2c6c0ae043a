import { z } from 'zod';

/** The readable prefix of each kind of id. */
export const idPrefixes = {
  orchestration: 'orc',
  phase: 'phs',
  task: 'tsk',
  configuration: 'cfg',
  run: 'run',
  user: 'usr',
  token: 'tok',
} as const;

export type IdKind = keyof typeof idPrefixes;

/** An id such as `orc_01JD…`: prefix, underscore, then letters, digits, `_` or `-`; 64 characters at most. */
export function idSchema(kind: IdKind) {
  const prefix = idPrefixes[kind];
  return z
    .string()
    .max(64)
    .regex(new RegExp(`^${prefix}_[A-Za-z0-9_-]+$`), `An id that begins with "${prefix}_"`);
}

export const orchestrationIdSchema = idSchema('orchestration').brand<'OrchestrationId'>();
export const phaseIdSchema = idSchema('phase').brand<'PhaseId'>();
export const taskIdSchema = idSchema('task').brand<'TaskId'>();
export const configurationIdSchema = idSchema('configuration').brand<'ConfigurationId'>();
export const runIdSchema = idSchema('run').brand<'RunId'>();

export type OrchestrationId = z.infer<typeof orchestrationIdSchema>;
export type PhaseId = z.infer<typeof phaseIdSchema>;
export type TaskId = z.infer<typeof taskIdSchema>;
export type ConfigurationId = z.infer<typeof configurationIdSchema>;
export type RunId = z.infer<typeof runIdSchema>;
