import { join } from 'node:path';
import { z } from 'zod';
import { defineComponent } from './component';
import { enabledField, tableField } from './shared/table-fields';

/** Folders and a file name of plain letters; nothing that leads out of the export folder. */
const fileName = z
  .string()
  .max(200)
  .regex(
    /^(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*\/)*[A-Za-z0-9_-][A-Za-z0-9_.-]*$/,
    'A file name, with folders if wanted, of letters, digits, "_", "-" and "." (reports/opportunities.csv)',
  )
  .meta({ description: 'Name below the export folder, e.g. opportunities.csv' });

/** Writes tables into files that appear whole or not at all. */
export const writerFile = defineComponent({
  id: 'writer-file',
  name: 'Files',
  type: 'writer',
  description:
    'Writes tables of storage into files of the export folder, as CSV with a header row or as Parquet. A file takes the place of the one before when it is complete.',
  configuration: z.strictObject({
    tables: z
      .array(
        z.strictObject({
          table: tableField,
          file: fileName,
          format: z.enum(['csv', 'parquet']),
          enabled: enabledField,
        }),
      )
      .min(1)
      .superRefine((entries, context) => {
        const names = entries.map((entry) => entry.file);
        names.forEach((name, index) => {
          if (names.indexOf(name) === index) return;
          context.addIssue({ code: 'custom', path: [index, 'file'], message: `"${name}" is written twice` });
        });
      }),
  }),
  examples: [
    {
      title: 'One table as CSV',
      configuration: { tables: [{ table: 'in.examples.people', file: 'people.csv', format: 'csv' }] },
    },
  ],
  async run({ tables }, { tables: storage, settings, signal, log, reportProgress }) {
    const entries = tables.filter((entry) => entry.enabled);
    const pinned = await storage.pin(entries.map((entry) => entry.table));
    for (const [index, { file, format }] of entries.entries()) {
      const table = pinned[index];
      if (table === undefined) continue;
      await storage.exportFile(table, join(settings.exportDir, file), format, signal);
      log.info(`${file}: ${table.rows} rows of ${table.id}.`);
      reportProgress({ done: index + 1, total: entries.length, unit: 'files' });
    }
    return { message: `Wrote ${entries.map((entry) => entry.file).join(', ') || 'nothing'}` };
  },
});
