import { UserError } from '../../domain/errors';
import { defineComponent } from '../component';
import type { StagedTable, TaskContext, Workspace } from '../context';
import { sqlConfiguration, type SqlConfiguration } from './configuration';
import { runScripts } from './run-scripts';

/** Input tables become tables of an isolated DuckDB; scripts run in order; tables that they made are published. */
export const transformationSql = defineComponent({
  id: 'transformation-sql',
  name: 'SQL transformation',
  type: 'transformation',
  description:
    'Runs SQL over tables of storage. The inputs are copied into an isolated DuckDB database, the scripts run one after another, and the tables named as outputs are published together when all of it has gone well.',
  configuration: sqlConfiguration,
  examples: [
    {
      title: 'Makes a table out of nothing',
      configuration: {
        blocks: [
          {
            name: 'Numbers',
            scripts: [{ name: 'Count', sql: 'CREATE TABLE numbers AS SELECT * FROM range(3) AS r (n);' }],
          },
        ],
        outputs: [{ from: 'numbers', table: 'out.examples.numbers', primaryKey: ['n'] }],
      },
    },
  ],
  async run(configuration, context) {
    const inputs = configuration.inputs.filter((input) => input.enabled);
    const pinned = await context.tables.pin(inputs.map((input) => input.table));
    const workspace = await context.tables.openWorkspace({
      inputs: inputs.flatMap(({ as, columns, where }, index) => {
        const table = pinned[index];
        return table === undefined ? [] : [{ table, as, columns, where }];
      }),
      signal: context.signal,
    });
    try {
      for (const table of pinned) context.log.info(`Input ${table.id}: ${table.rows} rows.`);
      await runScripts(workspace, configuration.blocks, context);
      const tables = await stageOutputs(workspace, configuration, context);
      return { message: describe(tables), tables };
    } finally {
      await workspace.close();
    }
  },
});

async function stageOutputs(
  workspace: Workspace,
  configuration: SqlConfiguration,
  context: TaskContext,
): Promise<StagedTable[]> {
  const outputs = configuration.outputs.filter((output) => output.enabled);
  const made = new Set((await workspace.listTables()).map((name) => name.toLowerCase()));
  const missing = outputs
    .filter((output) => !made.has(output.from.toLowerCase()))
    .map((output) => output.from);
  if (missing.length > 0) {
    throw new UserError(
      `The scripts did not make ${missing.join(', ')}, which the outputs name. They made: ${[...made].join(', ') || 'nothing'}.`,
      { code: 'OUTPUT_MISSING' },
    );
  }
  const staged: StagedTable[] = [];
  for (const { from, table, primaryKey, incremental } of outputs) {
    const output = await workspace.stage(from, { tableId: table, primaryKey, incremental });
    context.log.info(`Output ${table}: ${output.rows} rows.`);
    staged.push(output);
  }
  return staged;
}

function describe(tables: readonly StagedTable[]): string {
  if (tables.length === 0) return 'The scripts ran; no table was named as an output.';
  return tables.map((table) => `${table.rows} rows into ${table.tableId}`).join(', ');
}
