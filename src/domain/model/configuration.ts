import { z } from 'zod';
import { configurationIdSchema } from './ids';
import { instantSchema } from './instant';
import { jsonObjectSchema } from './json';

/** What a caller may write of a configuration. */
export const configurationInputSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    description: z.string().max(10_000).default(''),
    enabled: z.boolean().default(true),
    /** Settings of the component. Keys that begin with `#` are secrets. */
    configuration: jsonObjectSchema.default({}),
  })
  .meta({ id: 'ConfigurationInput' });
export type ConfigurationInput = z.infer<typeof configurationInputSchema>;

/** A saved, versioned setting of a component. */
export const configurationSchema = configurationInputSchema
  .extend({
    id: configurationIdSchema,
    componentId: z.string(),
    version: z.int().min(1),
    createdAt: instantSchema,
    updatedAt: instantSchema,
  })
  .meta({ id: 'Configuration' });
export type Configuration = z.infer<typeof configurationSchema>;
