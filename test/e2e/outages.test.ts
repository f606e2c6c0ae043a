import type { JsonObject } from '../../src/domain/model/json';
import type { Limit } from '../../src/domain/model/limit';
import type { Orchestration } from '../../src/domain/model/orchestration';
import type { Run } from '../../src/domain/model/run';
import { isFinishedRun } from '../../src/domain/rules/statuses';
import { json, startHttpServer, type TestHttpServer } from '../support/http-server';
import { startProduct, type Product } from '../support/product';
import { until } from '../support/until';

let product: Product;
/** Answers after as many milliseconds as the path's last part says, and notes what it was asked. */
let outside: TestHttpServer;
beforeAll(async () => {
  product = await startProduct({ HTTP_JOB_ALLOWED_HOSTS: '127.0.0.1', EXAMPLES: 'off' });
  outside = await startHttpServer(({ path }, response) => {
    setTimeout(
      () => {
        json(response, 200, {});
      },
      Number(path.split('/').at(-1)),
    );
  });
}, 180_000);
afterAll(async () => {
  await product.stop();
  await outside.close();
  await product.remove();
}, 60_000);

const aCall = (name: string, ms: number): JsonObject => ({
  name,
  componentId: 'job-http',
  configuration: { request: { method: 'POST', url: `${outside.url}/{{runId}}/${name}/${ms}` } },
});
const callsOf = (runId: string, name: string) =>
  outside.received.filter(({ path }) => path.startsWith(`/${runId}/${name}/`)).length;

const define = (name: string, phases: readonly (readonly JsonObject[])[]) =>
  product.api.post<Orchestration>('/orchestrations', {
    name,
    phases: phases.map((tasks, index) => ({ name: `Phase ${index + 1}`, tasks: [...tasks] })),
  });
const start = (orchestrationId: string) =>
  product.api.post<Run>(`/orchestrations/${orchestrationId}/runs`, {});
const getRun = (id: string) => product.api.get<Run>(`/runs/${id}`);
const tasksOf = (run: Run) => run.phases.flatMap((phase) => phase.tasks);
const ended = (id: string) =>
  until(
    `the end of ${id}`,
    async () => {
      const run = await getRun(id).catch(() => undefined);
      return run !== undefined && isFinishedRun(run.status) ? run : undefined;
    },
    150_000,
  );
const phaseBegins = (id: string, index: number) =>
  until(
    `phase ${index + 1}`,
    async () => {
      const run = await getRun(id).catch(() => undefined);
      const phase = run?.phases[index];
      return phase !== undefined && phase.startedAt !== null ? true : undefined;
    },
    60_000,
  );

it('story 15: each process is killed in turn during 10×10, and nothing is lost or done twice', async () => {
  await product.api.put('/limits/component:job-http', { maxRunning: 10 });
  const ten = Array.from({ length: 10 }, (_, n) => n);
  const phases = ten.map((p) => ten.map((n) => aCall(`p${p}t${n}`, 1_000)));
  const { id } = await start((await define('Ten by ten', phases)).id);
  const finishedOnce = new Map<string, string>();
  let phase = 1;
  for (const part of ['worker', 'server', 'temporal', 'postgres'] as const) {
    await phaseBegins(id, phase);
    phase += 2;
    const before = await until('an answer', () => getRun(id).catch(() => undefined), 60_000);
    for (const { name, finishedAt } of tasksOf(before))
      if (finishedAt !== null) finishedOnce.set(name, finishedAt);
    await product.kill(part);
  }
  const run = await ended(id);
  expect(run.status).toBe('success');
  expect(finishedOnce.size).toBeGreaterThan(30);
  for (const { name, finishedAt, attempt } of tasksOf(run)) {
    expect(attempt).toBe(1);
    if (!finishedOnce.has(name)) continue;
    expect(finishedAt).toBe(finishedOnce.get(name));
  }
  const taken = async () => {
    const { items } = await product.api.get<{ items: Limit[] }>('/limits');
    return items.flatMap(({ running }) => running);
  };
  await until(
    'every lease to be free',
    async () => ((await taken()).length === 0 ? true : undefined),
    40_000,
  );
  await product.api.put('/limits/component:job-http', { maxRunning: null });
}, 240_000);

it('a worker that is asked to end finishes what it can, and the next one goes on: no work and no attempt is lost', async () => {
  const short = Array.from({ length: 5 }, (_, n) => aCall(`short${n}`, 2_500));
  const { id } = await start(
    (await define('Replaced', [[...short, aCall('long', 9_000)], [aCall('after', 0)]])).id,
  );
  await until('the calls', () =>
    callsOf(id, 'long') === 1 && callsOf(id, 'short4') === 1 ? true : undefined,
  );
  process.kill(await product.pidOf('worker'), 'SIGTERM');
  const run = await ended(id);
  expect(run.status).toBe('success');
  expect(tasksOf(run).map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1, 1, 1, 1]);
  // Finished within the grace period, so that nobody did them twice.
  expect(short.map((_, n) => callsOf(id, `short${n}`))).toEqual([1, 1, 1, 1, 1]);
  expect(callsOf(id, 'long')).toBe(2);
}, 120_000);

it('story 6: edit, disable and delete during a run change nothing of it, and are kept', async () => {
  const orchestration = await define('Edited', [[aCall('a', 2_000)], [aCall('b', 0)]]);
  const { id } = await start(orchestration.id);
  await phaseBegins(id, 0);
  const token = { authorization: `Bearer ${product.token}`, 'content-type': 'application/json' };
  const url = `${product.url}/api/v1/orchestrations/${orchestration.id}`;
  const body = JSON.stringify({ name: 'Changed', enabled: false, phases: [] });
  const put = await fetch(url, { method: 'PUT', headers: { ...token, 'if-match': '"1"' }, body });
  expect(put.status).toBe(200);
  expect(await product.api.get(`/orchestrations/${orchestration.id}`)).toMatchObject({
    name: 'Changed',
    version: 2,
  });
  const removed = await fetch(url, { method: 'DELETE', headers: { ...token, 'if-match': '"2"' } });
  expect(removed.status).toBe(204);
  const run = await ended(id);
  expect([run.status, run.orchestrationName, run.orchestrationVersion]).toEqual(['success', 'Edited', 1]);
  expect(tasksOf(run).map(({ status }) => status)).toEqual(['success', 'success']);
  expect((await fetch(url, { headers: token })).status).toBe(404);
}, 60_000);

it('story 19: while Temporal is away reads work, writes are kept, and a start answers 503 and leaves nothing behind', async () => {
  const orchestration = await define('Started later', [[aCall('a', 0)]]);
  const temporal = await product.pidOf('temporal');
  process.kill(temporal, 'SIGSTOP');
  try {
    await expect(start(orchestration.id)).rejects.toThrow(/answered 503: .*TEMPORAL_UNAVAILABLE/);
    const { items } = await product.api.get<{ items: Run[] }>(`/runs?orchestrationId=${orchestration.id}`);
    expect(items).toEqual([]);
    const written = await define('Written meanwhile', [[aCall('b', 0)]]);
    expect((await product.api.get<Orchestration>(`/orchestrations/${written.id}`)).name).toBe(
      'Written meanwhile',
    );
    expect((await fetch(`${product.url}/health/ready`)).status).toBe(503);
    expect((await fetch(`${product.url}/health/live`)).status).toBe(200);
  } finally {
    process.kill(temporal, 'SIGCONT');
  }
  const run = await until('a start', () => start(orchestration.id).catch(() => undefined), 60_000);
  expect((await ended(run.id)).status).toBe('success');
}, 120_000);
