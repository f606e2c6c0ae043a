import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { JsonObject } from '../../src/domain/model/json';
import type { Limit } from '../../src/domain/model/limit';
import type { Orchestration } from '../../src/domain/model/orchestration';
import type { Run } from '../../src/domain/model/run';
import { isFinishedRun } from '../../src/domain/rules/statuses';
import { json, startHttpServer, type TestHttpServer } from '../support/http-server';
import { startProduct, type Product } from '../support/product';
import { serviceVariables } from '../support/services';
import { until } from '../support/until';

let product: Product;
let remote: TestHttpServer;
let database: Client;
beforeAll(async () => {
  product = await startProduct({ HTTP_JOB_ALLOWED_HOSTS: '127.0.0.1', EXAMPLES: 'off' });
  remote = await startHttpServer(({ method }, response) => {
    json(response, 200, method === 'DELETE' ? {} : { id: 'job-1', status: 'running' });
  });
  database = new Client({ connectionString: sourceUrl().href });
  await database.connect();
}, 180_000);
afterAll(async () => {
  await database.end();
  await remote.close();
  await product.stop();
  await product.remove();
}, 60_000);

/** A database outside the product: the suite's own. */
function sourceUrl(): URL {
  const url = new URL(process.env[serviceVariables.postgresUrl] ?? '');
  url.pathname = '/postgres';
  return url;
}

async function start(name: string, tasks: JsonObject[]): Promise<string> {
  const body = { name, phases: [{ name: 'Phase', tasks }] };
  const { id } = await product.api.post<Orchestration>('/orchestrations', body);
  return (await product.api.post<Run>(`/orchestrations/${id}/runs`, {})).id;
}
const getRun = (id: string) => product.api.get<Run>(`/runs/${id}`);
const ended = (id: string, withinMs = 60_000) =>
  until(
    `the end of ${id}`,
    async () => {
      const run = await getRun(id);
      return isFinishedRun(run.status) ? run : undefined;
    },
    withinMs,
  );

/** Processes that the product's worker has started, by what the system says. */
async function childrenOfWorker(): Promise<readonly string[]> {
  const worker = await product.pidOf('worker');
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/status`, 'utf8').includes(`PPid:\t${worker}\n`);
    } catch {
      // It has ended in between.
      return false;
    }
  });
}
const sleepingQueries = async () => {
  const { rows } = await database.query<{ query: string }>(
    `select query from pg_stat_activity where query ilike '%pg_sleep(600)%' and pid != pg_backend_pid() and state = 'active'`,
  );
  return rows;
};

it('cancel ends a child process, a query and a remote job within ten seconds', async () => {
  const source = sourceUrl();
  const id = await start('Long work', [
    {
      componentId: 'transformation-sql',
      configuration: {
        blocks: [
          {
            name: 'Endless',
            scripts: [
              {
                name: 'Count',
                sql: 'CREATE TABLE t AS SELECT count(*) AS n FROM range(10000000000) AS a (x), range(1000) AS b (y) WHERE (x * y) % 7 = 3;',
              },
            ],
          },
        ],
        outputs: [{ from: 't', table: 'out.main.t' }],
      },
    },
    {
      componentId: 'extractor-postgres',
      configuration: {
        connection: {
          host: source.hostname,
          port: Number(source.port),
          database: 'postgres',
          user: source.username,
          '#password': decodeURIComponent(source.password),
        },
        tables: [{ table: 'in.main.slow', query: 'select 1 as n from pg_sleep(600)' }],
      },
    },
    {
      componentId: 'job-http',
      configuration: {
        request: { method: 'POST', url: `${remote.url}/jobs` },
        poll: {
          url: `${remote.url}/jobs/{{jobId}}`,
          intervalSeconds: 0.2,
          idPath: 'id',
          statusPath: 'status',
          successValues: ['done'],
          failureValues: ['failed'],
        },
        cancel: { method: 'DELETE', url: `${remote.url}/jobs/{{jobId}}` },
      },
    },
  ]);
  await until('the work to go on', async () => {
    const isGoingOn =
      (await childrenOfWorker()).length > 0 &&
      (await sleepingQueries()).length > 0 &&
      remote.received.some(({ method }) => method === 'GET');
    return isGoingOn ? true : undefined;
  });
  await product.api.post(`/runs/${id}/cancel`, {});
  await until(
    'all of it to be gone',
    async () => {
      const isGone =
        (await childrenOfWorker()).length === 0 &&
        (await sleepingQueries()).length === 0 &&
        remote.received.some(({ method, path }) => method === 'DELETE' && path === '/jobs/job-1');
      return isGone ? true : undefined;
    },
    10_000,
  );
  const run = await ended(id);
  expect(run.status).toBe('terminated');
  expect(run.phases[0]?.tasks.map(({ status, error }) => [status, error])).toEqual([
    ['terminated', null],
    ['terminated', null],
    ['terminated', null],
  ]);
  const after = remote.received.length;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(remote.received.length).toBe(after);
}, 90_000);

it('a run that is terminated by Temporal’s own command line holds nothing a minute later', async () => {
  await product.api.put('/limits/component:job-wait', { maxRunning: 1 });
  const wait = (seconds: number) => ({ componentId: 'job-wait', configuration: { seconds } });
  const first = await start('First', [wait(300)]);
  await until('the first to run', async () =>
    (await getRun(first)).phases[0]?.status === 'processing' ? true : undefined,
  );
  const second = await start('Second', [wait(0)]);
  await until('the second to wait', async () =>
    (await getRun(second)).phases[0]?.tasks[0]?.waitingFor?.holders[0]?.runId === first ? true : undefined,
  );
  const [program = ''] = readFileSync(
    join('/proc', String(await product.pidOf('temporal')), 'cmdline'),
    'utf8',
  )
    .split('\0')
    .filter((word) => word.endsWith('/temporal'));
  execFileSync(program, [
    ...['workflow', 'terminate', '--workflow-id', first, '--reason', 'a test'],
    ...['--address', product.temporalAddress],
  ]);
  expect((await ended(second, 60_000)).status).toBe('success');
  expect(await getRun(first)).toMatchObject({ status: 'terminated', error: { code: 'RUN_TERMINATED' } });
  const { items } = await product.api.get<{ items: Limit[] }>('/limits');
  expect(items.flatMap(({ running }) => running)).toEqual([]);
}, 120_000);
