import { z } from 'zod';
import { enabledField, incrementalField, primaryKeyField, tableField } from '../shared/table-fields';

const workspaceName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]{0,62}$/,
    'A name of letters, digits and "_" that does not begin with a digit',
  );

export const sqlConfiguration = z
  .strictObject({
    engine: z.enum(['duckdb']).default('duckdb'),
    inputs: z
      .array(
        z.strictObject({
          table: tableField,
          as: workspaceName.meta({ description: 'Name of the table in the scripts' }),
          columns: z
            .array(z.string().min(1))
            .min(1)
            .optional()
            .meta({ description: 'All columns when left out' }),
          where: z.string().min(1).optional().meta({ description: 'SQL condition; all rows when left out' }),
          enabled: enabledField,
        }),
      )
      .default([]),
    blocks: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          scripts: z.array(
            z.strictObject({
              name: z.string().min(1),
              sql: z.string().meta({ description: 'Statements of DuckDB SQL, separated by semicolons' }),
            }),
          ),
          enabled: enabledField,
        }),
      )
      .min(1),
    outputs: z
      .array(
        z.strictObject({
          from: workspaceName.meta({ description: 'Name of the table that the scripts have made' }),
          table: tableField,
          primaryKey: primaryKeyField,
          incremental: incrementalField,
          enabled: enabledField,
        }),
      )
      .default([]),
  })
  .superRefine((configuration, context) => {
    refuseTwice(
      configuration.inputs.map((input) => input.as.toLowerCase()),
      ['inputs', 'as'],
      context,
    );
    refuseTwice(
      configuration.outputs.map((output) => output.table),
      ['outputs', 'table'],
      context,
    );
  });

export type SqlConfiguration = z.output<typeof sqlConfiguration>;

function refuseTwice(
  names: readonly string[],
  [list, field]: [string, string],
  context: z.RefinementCtx,
): void {
  names.forEach((name, index) => {
    if (names.indexOf(name) === index) return;
    context.addIssue({ code: 'custom', path: [list, index, field], message: `"${name}" is used twice` });
  });
}
