import { z } from 'zod';
import { instantSchema } from './instant';

/** `in.x.y` or `out.x.y`: the stage, the bucket, the table. Letters, digits, `_` and `-`; 64 characters a part. */
export const tableIdSchema = z
  .string()
  .max(200)
  .regex(
    /^(in|out)\.[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,64}$/,
    'A table id: "in." or "out.", a bucket, ".", a table, of letters, digits, "_" or "-" (in.main.users)',
  )
  .brand<'TableId'>();
export type TableId = z.infer<typeof tableIdSchema>;

export const tableColumnSchema = z
  .strictObject({
    name: z.string(),
    /** DuckDB's name of the type, e.g. `VARCHAR`, `BIGINT`, `TIMESTAMP`. */
    type: z.string(),
  })
  .meta({ id: 'TableColumn' });
export type TableColumn = z.infer<typeof tableColumnSchema>;

/** One immutable version of a table's content. */
export const tableVersionSchema = z
  .strictObject({
    version: z.string(),
    rows: z.int().min(0),
    bytes: z.int().min(0),
    createdAt: instantSchema,
    runId: z.string().nullable(),
    taskId: z.string().nullable(),
  })
  .meta({ id: 'TableVersion' });

/** A table as in lists. */
export const tableSummarySchema = z
  .strictObject({
    id: tableIdSchema,
    columns: z.array(tableColumnSchema),
    primaryKey: z.array(z.string()),
    rows: z.int().min(0),
    bytes: z.int().min(0),
    lastImportAt: instantSchema,
  })
  .meta({ id: 'TableSummary' });
export type TableSummary = z.infer<typeof tableSummarySchema>;

/** A table with its versions, newest first. */
export const tableSchema = tableSummarySchema
  .extend({ versions: z.array(tableVersionSchema) })
  .meta({ id: 'Table' });
export type Table = z.infer<typeof tableSchema>;
