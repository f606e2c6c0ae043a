import { z } from 'zod';
import { instantSchema } from './instant';
import { startedBySchema } from './run';

/**
 * What tasks can be kept apart by: a saved configuration (never more than one task at the same time), a component,
 * or a connection to an outside system.
 */
export const leaseKeyKinds = ['configuration', 'component', 'connection'] as const;
export type LeaseKeyKind = (typeof leaseKeyKinds)[number];

export const leaseKeySchema = z
  .string()
  .max(500)
  .regex(
    new RegExp(`^(${leaseKeyKinds.join('|')}):.+$`),
    `A key such as "component:extractor-postgres": ${leaseKeyKinds.join(', ')}, a colon, and what`,
  );

/** An operator's order that nothing with this key may start. */
export const holdSchema = z
  .strictObject({
    reason: z.string(),
    /** When it ends by itself; `null` for never. */
    until: instantSchema.nullable(),
    by: startedBySchema,
    since: instantSchema,
  })
  .meta({ id: 'Hold' });

/** How many tasks with a key may run at the same time, and how many do. */
export const limitSchema = z
  .strictObject({
    key: leaseKeySchema,
    /** `null` for no limit. */
    maxRunning: z.int().min(1).nullable(),
    hold: holdSchema.nullable(),
    running: z.array(z.strictObject({ runId: z.string(), taskId: z.string(), since: instantSchema })),
    /** Tasks that wait for this key. */
    waiting: z.int().min(0),
  })
  .meta({ id: 'Limit' });
export type Limit = z.infer<typeof limitSchema>;
