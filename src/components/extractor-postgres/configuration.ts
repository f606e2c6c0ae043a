import { z } from 'zod';
import { enabledField, incrementalField, primaryKeyField, tableField } from '../shared/table-fields';

export const postgresConnection = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535).default(5432),
  database: z.string().min(1),
  user: z.string().min(1),
  '#password': z.string(),
  tls: z
    .strictObject({
      mode: z.enum(['disable', 'require', 'verify']).meta({
        description:
          'disable: no TLS; require: TLS with any certificate; verify: the certificate and the host are checked',
      }),
      ca: z.string().min(1).optional().meta({ description: 'Certificate authority in PEM, for verify' }),
    })
    .default({ mode: 'disable' }),
});
export type PostgresConnection = z.output<typeof postgresConnection>;

const extraction = z
  .strictObject({
    table: tableField,
    sourceSchema: z.string().min(1).default('public'),
    sourceTable: z.string().min(1).optional(),
    columns: z.array(z.string().min(1)).min(1).optional().meta({ description: 'All columns when left out' }),
    query: z.string().min(1).optional().meta({ description: 'A SELECT of its own, instead of a table' }),
    primaryKey: primaryKeyField,
    incremental: incrementalField,
    enabled: enabledField,
  })
  .refine(({ sourceTable, query }) => (sourceTable === undefined) !== (query === undefined), {
    path: ['sourceTable'],
    message: 'Either "sourceTable" or "query" is needed, and not both',
  })
  .refine(({ query, columns }) => query === undefined || columns === undefined, {
    path: ['columns'],
    message: 'A query chooses its own columns',
  });
export type Extraction = z.output<typeof extraction>;

export const postgresConfiguration = z.strictObject({
  connection: postgresConnection,
  tables: z
    .array(extraction)
    .min(1)
    .superRefine((entries, context) => {
      const names = entries.map((entry) => entry.table);
      names.forEach((name, index) => {
        if (names.indexOf(name) === index) return;
        context.addIssue({ code: 'custom', path: [index, 'table'], message: `"${name}" is loaded twice` });
      });
    }),
});
