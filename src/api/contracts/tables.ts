import { z } from 'zod';
import { tableIdSchema, tableSchema, tableSummarySchema } from '../../domain/model/table';
import { defineEndpoint, empty, json, pageOf, pageQuery, stream } from './endpoint';

const params = z.strictObject({ id: tableIdSchema });

export const listTables = defineEndpoint({
  name: 'listTables',
  method: 'get',
  path: '/tables',
  permission: 'viewer',
  summary: 'Tables by id',
  tag: 'Storage',
  query: z.strictObject(pageQuery),
  success: json(200, pageOf(tableSummarySchema)),
});

export const getTable = defineEndpoint({
  name: 'getTable',
  method: 'get',
  path: '/tables/{id}',
  permission: 'viewer',
  summary: 'A table with its columns and versions',
  tag: 'Storage',
  params,
  success: json(200, tableSchema),
});

export const previewTable = defineEndpoint({
  name: 'previewTable',
  method: 'get',
  path: '/tables/{id}/preview',
  permission: 'viewer',
  summary: 'The first rows, every value as text',
  tag: 'Storage',
  params,
  query: z.strictObject({ limit: z.coerce.number().int().min(1).max(1_000).default(100) }),
  success: json(
    200,
    z.strictObject({ columns: z.array(z.string()), rows: z.array(z.array(z.string().nullable())) }),
  ),
});

export const downloadTable = defineEndpoint({
  name: 'downloadTable',
  method: 'get',
  path: '/tables/{id}/download',
  permission: 'viewer',
  summary: 'All rows as a file',
  tag: 'Storage',
  params,
  query: z.strictObject({ format: z.enum(['csv', 'parquet']).default('csv') }),
  success: stream('text/csv', 'application/vnd.apache.parquet'),
});

export const uploadTable = defineEndpoint({
  name: 'uploadTable',
  method: 'put',
  path: '/tables/{id}/content',
  permission: 'editor',
  summary: 'Upload CSV with a header row, as text/csv or as the one file of a multipart form',
  tag: 'Storage',
  params,
  query: z.strictObject({
    incremental: z.enum(['true', 'false']).default('false'),
    primaryKey: z.string().max(2_000).optional(),
  }),
  body: 'upload',
  success: json(200, tableSummarySchema),
});

export const deleteTable = defineEndpoint({
  name: 'deleteTable',
  method: 'delete',
  path: '/tables/{id}',
  permission: 'editor',
  summary: 'Delete a table',
  tag: 'Storage',
  params,
  success: empty,
});
