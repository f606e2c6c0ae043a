import { execFileSync } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Orchestration } from '../../src/domain/model/orchestration';
import type { JsonObject } from '../../src/domain/model/json';
import type { Run } from '../../src/domain/model/run';
import { isFinishedRun } from '../../src/domain/rules/statuses';
import { json, startHttpServer } from '../support/http-server';
import { startProduct, type Product } from '../support/product';
import { until } from '../support/until';

let product: Product;
beforeAll(async () => {
  product = await startProduct({ HTTP_JOB_ALLOWED_HOSTS: '127.0.0.1' });
}, 180_000);
afterAll(async () => {
  expect(await product.stop()).toBe(0);
  for (const part of ['worker', 'server', 'postgres', 'temporal'] as const)
    await expect(product.pidOf(part)).rejects.toThrow(/no .* process/);
  await product.remove();
}, 60_000);

const getRun = (id: string) => product.api.get<Run>(`/runs/${id}`);
const ended = (id: string, withinMs = 120_000) =>
  until(
    `the end of ${id}`,
    async () => {
      const run = await getRun(id).catch(() => undefined);
      return run !== undefined && isFinishedRun(run.status) ? run : undefined;
    },
    withinMs,
  );
const tasksOf = (run: Run) => run.phases.flatMap((phase) => phase.tasks);

async function start(phases: number, tasks: JsonObject[]): Promise<Run> {
  const names = Array.from({ length: phases }, (_, index) => `Phase ${index + 1}`);
  const body = { name: `${phases} phases`, phases: names.map((name) => ({ name, tasks })) };
  const { id } = await product.api.post<Orchestration>('/orchestrations', body);
  return product.api.post<Run>(`/orchestrations/${id}/runs`, {});
}

const shell = (command: string) =>
  execFileSync('sh', ['-ec', command], {
    env: { ...process.env, DATA_DIR: product.dataDir, ORCHESTRATOR: product.url },
  }).toString();

/** What a page of the docs tells people to paste. */
async function commandsOf(page: string): Promise<string> {
  const text = await readFile(join(__dirname, '../..', page), 'utf8');
  const [, commands = ''] = /```sh\n([^]*?)```/.exec(text) ?? [];
  expect(commands).not.toBe('');
  return commands.replace(/http:\/\/127\.0\.0\.1:8080(?!\})/g, product.url);
}

const tenWaits = Array.from({ length: 10 }, (_, n) => ({
  name: `Wait ${n}`,
  componentId: 'job-wait',
  configuration: { seconds: 1 },
}));

describe('the product, started by one command', () => {
  it('runs Opportunities at its first start and leaves the joined rows in the export folder', async () => {
    await until(
      'the last line',
      () => (product.output().includes('Run it again') ? true : undefined),
      60_000,
    );
    expect(product.output()).toMatch(/Run run_\w+ ended: success\./);
    const csv = await readFile(join(product.dataDir, 'export', 'opportunities.csv'), 'utf8');
    const [header, ...rows] = csv.trim().split('\n');
    expect(header).toBe('id,name,stage,amount,close_on,account,industry,country,owner,region,owner_level');
    expect(rows).toHaveLength(3_000);
    expect(rows.every((row) => !row.endsWith(','))).toBe(true);
  }, 90_000);

  it('obeys the commands of the README and of its own last line', async () => {
    const mine = shell(await commandsOf('README.md'));
    expect(JSON.parse(mine)).toMatchObject({ name: 'Mine', phases: [{ name: 'First' }] });
    const ofLastLine = await until(
      'the last line',
      () => /curl -X POST .*/.exec(product.output())?.[0],
      60_000,
    );
    const run = JSON.parse(shell(ofLastLine)) as Run;
    expect(run.orchestrationName).toBe('Opportunities');
    expect((await ended(run.id)).status).toBe('success');
  }, 90_000);

  it('obeys the commands of the first pipeline', async () => {
    const printed = shell(await commandsOf('docs/walkthroughs/first-pipeline.md'));
    expect(printed).toMatch(/success\ncountry,total\nCZ,15\n$/);
    expect(await readFile(join(product.dataDir, 'export', 'sums.csv'), 'utf8')).toContain('CZ,15');
  }, 60_000);

  it('runs it again over HTTP, once for one Idempotency-Key (story 18)', async () => {
    const { items } = await product.api.get<{ items: Orchestration[] }>('/orchestrations');
    const id = items.find((orchestration) => orchestration.name === 'Opportunities')?.id ?? '';
    const token = (await readFile(join(product.dataDir, 'admin-token'), 'utf8')).trim();
    const post = async (body: string) => {
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': 'key-1',
      };
      const response = await fetch(`${product.url}/api/v1/orchestrations/${id}/runs`, {
        method: 'POST',
        headers,
        body,
      });
      return { status: response.status, run: (await response.json()) as Run };
    };
    const [one, other] = await Promise.all([post('{}'), post('{}')]);
    expect([one.status, other.status, other.run.id]).toEqual([202, 202, one.run.id]);
    expect((await post('{"parameters": {}}')).status).toBe(409);
    expect((await ended(one.run.id)).status).toBe('success');
  }, 90_000);

  it('has no secret in clear text in its database, in Temporal, in its logs, or in its answers', async () => {
    const sealed = await product.api.get<{ items: { configuration: unknown }[] }>(
      '/components/extractor-postgres/configurations',
    );
    expect(JSON.stringify(sealed)).toContain('"#password":"********"');
    const password = 'find-me-if-you-can';
    const connection = { host: '127.0.0.1', port: 1, database: 'x', user: 'x', '#password': password };
    const { id } = await start(1, [
      {
        componentId: 'extractor-postgres',
        configuration: { connection, tables: [{ table: 'in.x.y', sourceTable: 'y' }] },
        retry: { maximumAttempts: 1 },
      },
      {
        componentId: 'job-http',
        configuration: {
          request: {
            method: 'GET',
            url: `${product.url}/nothing`,
            headers: { '#authorization': `Bearer ${password}` },
          },
        },
      },
    ]);
    expect(JSON.stringify(await ended(id))).not.toContain(password);
    // Everything that is on the disk: database files, Temporal's file, logs, tables.
    const found = execFileSync('sh', [
      '-c',
      `grep -rlaF -- "${password}" "${product.dataDir}" || true`,
    ]).toString();
    expect(found).toBe('');
  }, 60_000);
});

describe('a run survives', () => {
  it('the death of its worker: it ends well, no finished task runs twice, and it loses little time (story 15)', async () => {
    const { id } = await start(10, tenWaits);
    await until('phase 4', async () =>
      (await getRun(id)).phases[3]?.status === 'processing' ? true : undefined,
    );
    const before = tasksOf(await getRun(id)).filter((task) => task.status === 'success');
    await product.kill('worker');
    const run = await ended(id);
    expect(run.status).toBe('success');
    const after = new Map(
      run.phases.flatMap((phase, index) => phase.tasks.map((task) => [`${index} ${task.id}`, task])),
    );
    expect([...after.values()].every((task) => task.attempt === 1)).toBe(true);
    for (const task of before) expect([...after.values()]).toContainEqual(task);
    expect(run.durationMs).toBeLessThan(10_000 + 15_000 + 3_000);
  }, 120_000);

  it('the death of everything at once: after the next start it goes on and ends', async () => {
    const { id } = await start(5, tenWaits);
    await until('phase 2', async () =>
      (await getRun(id)).phases[1]?.status === 'processing' ? true : undefined,
    );
    await product.kill('start', 'worker', 'server', 'postgres', 'temporal');
    const startedAt = Date.now();
    await product.startAgain();
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    const run = await ended(id);
    expect(run.status).toBe('success');
    expect(tasksOf(run).every((task) => task.status === 'success')).toBe(true);
  }, 120_000);

  it('a worker’s death without starting its remote job twice', async () => {
    let looks = 0;
    const server = await startHttpServer((request, response) => {
      if (request.method === 'GET') looks += 1;
      json(response, 200, { id: 'job-1', status: looks > 40 ? 'done' : 'running' });
    });
    const poll = {
      url: `${server.url}/{{jobId}}`,
      intervalSeconds: 0.2,
      idPath: 'id',
      statusPath: 'status',
      successValues: ['done'],
      failureValues: ['failed'],
    };
    const { id } = await start(1, [
      { componentId: 'job-http', configuration: { request: { method: 'POST', url: server.url }, poll } },
    ]);
    await until('a look at the job', () => (looks > 3 ? true : undefined));
    await product.kill('worker');
    expect((await ended(id)).status).toBe('success');
    expect(server.received.filter((request) => request.method === 'POST')).toHaveLength(1);
    await server.close();
  }, 120_000);
});

it('leaves nothing half made in its folders', async () => {
  expect(await readdir(join(product.dataDir, 'scratch'))).toEqual([]);
});
