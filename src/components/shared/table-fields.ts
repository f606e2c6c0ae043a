import { z } from 'zod';
import { tableIdSchema } from '../../domain/model/table';

/** Fields that entries of several components share. */

export const tableField = tableIdSchema.meta({ description: 'Table in storage, e.g. in.main.users' });

export const enabledField = z.boolean().default(true).meta({ description: 'Left out of the run when off' });

export const primaryKeyField = z
  .array(z.string().min(1))
  .max(50)
  .optional()
  .meta({ description: 'Columns that identify a row' });

export const incrementalField = z
  .boolean()
  .default(false)
  .meta({ description: 'Upsert by primary key, or append without one, instead of replacing the table' });
