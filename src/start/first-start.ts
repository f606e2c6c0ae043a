import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config';
import { openAdminToken } from '../secrets/admin-token';
import { createApiClient, type ApiClient } from './example/api-client';
import { createExample } from './example/create-example';
import { makeSampleDatabase } from './example/sample-database';
import { runAndShow } from './example/show-run';
import type { Terminal } from './terminal';

interface FirstStart {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly terminal: Terminal;
}

/**
 * At the first start on a data folder: brings the example and runs it once. At every start: says where everything
 * is. A mark in the data folder, written at the end, says that the example is there.
 */
export async function runFirstStart({ config, databaseUrl, terminal }: FirstStart): Promise<void> {
  const token = config.adminToken ?? (await openAdminToken(config.dataDir));
  const api = createApiClient(config.publicUrl, token);
  const mark = join(config.dataDir, 'example-created');
  const isFirst = config.examples && !(await exists(mark));
  if (isFirst) await bringExample(api, databaseUrl, { mark, terminal });
  await sayWhereEverythingIs(config, api, terminal);
}

async function bringExample(
  api: ApiClient,
  databaseUrl: string,
  { mark, terminal }: { mark: string; terminal: Terminal },
): Promise<void> {
  terminal.say('First start: the example "Opportunities" is created and run once.');
  try {
    const connection = await makeSampleDatabase(databaseUrl);
    const orchestrationId = await createExample(api, connection);
    await writeFile(mark, `${orchestrationId}\n`);
    const run = await runAndShow(api, orchestrationId, terminal);
    terminal.say(`Run ${run.id} ended: ${run.status}.`);
  } catch (error) {
    // The product is ready all the same; a database that is given may not allow a second one.
    const why = error instanceof Error ? error.message : String(error);
    terminal.say(`The example could not be brought: ${why}. Start with EXAMPLES=off to go without it.`);
  }
}

async function sayWhereEverythingIs(config: Config, api: ApiClient, terminal: Terminal): Promise<void> {
  const { items } = await api.get<{ items: { id: string; name: string }[] }>('/orchestrations?limit=200');
  const example = items.find((orchestration) => orchestration.name === 'Opportunities');
  const tokenPlace =
    config.adminToken === null
      ? `$(cat ${join(config.dataDir, 'admin-token')})`
      : '$ORCHESTRATOR_ADMIN_TOKEN';
  terminal.say('');
  terminal.say(`API           ${config.publicUrl}/api/v1  (described at /api/v1/openapi.json)`);
  terminal.say(`Temporal UI   ${config.temporal.uiUrl}`);
  terminal.say(`Token         ${tokenPlace}`);
  if (example === undefined) return;
  terminal.say(`Result        ${config.exportDir}`);
  terminal.say('Run it again:');
  terminal.say(
    `  curl -X POST -H "Authorization: Bearer ${tokenPlace}" ${config.publicUrl}/api/v1/orchestrations/${example.id}/runs`,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
