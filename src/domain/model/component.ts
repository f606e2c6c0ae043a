import { z } from 'zod';

/** The kinds of components, in the order in which tasks are grouped into phases. */
export const componentTypes = ['application', 'extractor', 'transformation', 'writer', 'other'] as const;
export const componentTypeSchema = z.enum(componentTypes);
export type ComponentType = z.infer<typeof componentTypeSchema>;

/** What a caller sees of a component: its name, its type, and the form of its configurations. */
export const componentSummarySchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    type: componentTypeSchema,
    description: z.string(),
    /** Names of what can be asked of a configuration at once, e.g. `testConnection`. */
    actions: z.array(z.string()),
    /** Configurations to start from. */
    examples: z.array(z.strictObject({ title: z.string(), configuration: z.unknown() })),
    /** JSON Schema (2020-12) of `configuration`. */
    configurationSchema: z.record(z.string(), z.unknown()),
    /** Components that cannot be a task of an orchestration. */
    excludeFromOrchestrations: z.boolean(),
  })
  .meta({ id: 'Component' });
export type ComponentSummary = z.infer<typeof componentSummarySchema>;
