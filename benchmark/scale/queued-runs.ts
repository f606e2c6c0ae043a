import type { Orchestration } from '../../src/domain/model/orchestration';
import type { Run, RunSummary } from '../../src/domain/model/run';
import type { Product } from '../../test/support/product';
import { until } from '../../test/support/until';
import { watchMemory } from '../memory';
import { median } from '../statistics';

const queued = 1_000;
const looks = 100;
/** Starts under way at the same time. */
const window = 20;

/** A thousand runs of one orchestration wait for one that goes on: what a look at one of them costs, and how fast they go. */
export async function measureQueuedRuns(product: Product): Promise<string[][]> {
  const { api } = product;
  const [worker, server] = [
    watchMemory(await product.pidOf('worker')),
    watchMemory(await product.pidOf('server')),
  ];
  const { id } = await api.post<Orchestration>('/orchestrations', {
    name: 'Queued',
    parameters: [{ name: 'word', default: '' }],
    phases: [{ name: 'One', tasks: [{ componentId: 'job-wait', configuration: { seconds: 0 } }] }],
  });
  await api.put('/limits/component:job-wait', { maxRunning: 1 });
  await api.post('/limits/component:job-wait/hold', { reason: 'The benchmark fills the queue.' });
  const startMs = await timed(() => startMany(product, id));
  const newest = await newestRun(product, id);
  const lookMs: number[] = [];
  for (let look = 0; look < looks; look += 1) {
    lookMs.push(await timed(() => api.get<Run>(`/runs/${newest}`)));
  }
  await api.delete('/limits/component:job-wait/hold');
  const drainMs = await timed(() =>
    until(
      'the last one to end',
      async () => ((await api.get<Run>(`/runs/${newest}`)).finishedAt === null ? undefined : true),
      900_000,
    ),
  );
  await api.put('/limits/component:job-wait', { maxRunning: null });
  return [
    ['1,000 queued runs', ''],
    ['starting them, per run, ms', (startMs / queued).toFixed(1)],
    ['GET /runs/{id}, median, ms', median(lookMs).toFixed(1)],
    ['GET /runs/{id}, slowest of a hundred, ms', Math.max(...lookMs).toFixed(1)],
    ['GET /runs/{id}, the hundredth, ms', (lookMs.at(-1) ?? 0).toFixed(1)],
    ['one after the other to their ends, per run, ms', (drainMs / queued).toFixed(1)],
    ['peak memory of the worker, MB', worker.peakMb().toFixed(0)],
    ['peak memory of the server, MB', server.peakMb().toFixed(0)],
  ];
}

async function startMany({ api }: Product, orchestrationId: string): Promise<void> {
  let left = queued;
  const starter = async () => {
    while (left > 0) {
      left -= 1;
      await api.post<Run>(`/orchestrations/${orchestrationId}/runs`, {});
    }
  };
  await Promise.all(Array.from({ length: window }, starter));
}

async function newestRun({ api }: Product, orchestrationId: string): Promise<string> {
  const { items } = await api.get<{ items: RunSummary[] }>(
    `/runs?orchestrationId=${orchestrationId}&limit=1`,
  );
  return items[0]?.id ?? '';
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
