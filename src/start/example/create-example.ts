import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../domain/model/json';
import type { ApiClient } from './api-client';
import { examplesFolder } from './examples-folder';

interface ExampleFile {
  readonly configurations: readonly {
    readonly key: string;
    readonly componentId: string;
    readonly name: string;
    readonly description: string;
    readonly configuration: JsonObject;
  }[];
  readonly orchestration: JsonObject;
}

/**
 * Creates the orchestration *Opportunities* with its configurations and its uploaded table, over HTTP, and answers
 * its id. In the file, `$name` stands for what is known only here.
 */
export async function createExample(api: ApiClient, connection: JsonObject): Promise<string> {
  const example = JSON.parse(
    await readFile(join(examplesFolder, 'opportunities.json'), 'utf8'),
  ) as ExampleFile;
  const levels = await readFile(join(examplesFolder, 'user-levels.csv'), 'utf8');
  await api.putText('/tables/in.main.user_levels/content', 'text/csv', levels);
  const known: JsonObject = { connection };
  for (const { key, componentId, ...draft } of example.configurations) {
    const body = { ...draft, configuration: fillIn(draft.configuration, known) };
    const created = await api.post<{ id: string }>(`/components/${componentId}/configurations`, body);
    known[key] = created.id;
  }
  const orchestration = await api.post<{ id: string }>(
    '/orchestrations',
    fillIn(example.orchestration, known),
  );
  return orchestration.id;
}

function fillIn(value: Json, known: JsonObject): Json {
  if (typeof value === 'string') return value.startsWith('$') ? (known[value.slice(1)] ?? value) : value;
  if (Array.isArray(value)) return value.map((item) => fillIn(item, known));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillIn(item, known)]));
}
