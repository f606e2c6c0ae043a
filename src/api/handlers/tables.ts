import { pipeline } from 'node:stream/promises';
import type { Services } from '../../services/services';
import { bind, type Binding } from '../bind';
import * as contracts from '../contracts/tables';
import { openUpload } from '../uploads';

const mediaTypes = { csv: 'text/csv; charset=utf-8', parquet: 'application/vnd.apache.parquet' } as const;

/** Tables of storage. */
export function bindTables({ tables }: Pick<Services, 'tables'>): Binding[] {
  return [
    bind(contracts.listTables, async ({ query }) => ({ body: await tables.listTables(query) })),
    bind(contracts.getTable, async ({ params }) => ({ body: await tables.getTable(params.id) })),
    bind(contracts.previewTable, async ({ params, query }) => ({
      body: await tables.previewTable(params.id, query.limit),
    })),
    bind(contracts.downloadTable, async ({ params: { id }, query: { format }, response, signal }) => {
      const rows = await tables.openDownload(id, format);
      response.type(mediaTypes[format]).attachment(`${id}.${format}`);
      await pipeline(rows, response, { signal }).catch((error: unknown) => {
        // A caller who has gone needs no answer.
        if (!signal.aborted) throw error;
      });
      return {};
    }),
    bind(contracts.uploadTable, async ({ params: { id }, query, request }) => {
      const primaryKey = (query.primaryKey ?? '').split(',').filter((name) => name !== '');
      const incremental = query.incremental === 'true';
      const content = await openUpload(request);
      return { body: await tables.importCsv({ tableId: id, content, incremental, primaryKey }) };
    }),
    bind(contracts.deleteTable, async ({ params }) => {
      await tables.deleteTable(params.id);
      return {};
    }),
  ];
}
