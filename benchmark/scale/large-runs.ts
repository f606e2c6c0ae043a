import type { Client } from '@temporalio/client';
import type { Run } from '../../src/domain/model/run';
import type { Product } from '../../test/support/product';
import { watchMemory } from '../memory';
import { saveShape, type Shape } from '../shapes';

const shapes: readonly Shape[] = [
  { phases: 1, tasks: 1_000 },
  { phases: 1, tasks: 10_000 },
  { phases: 1_000, tasks: 1 },
];

/** Large runs: how long they take, how much memory worker and server need, how long their histories are. */
export async function measureLargeRuns(client: Client, product: Product): Promise<string[][]> {
  const header = ['run', 'seconds', 'tasks/s', 'peak memory of the worker, MB', 'of the server, MB'];
  const rows = [[...header, 'workflows', 'events of the longest']];
  for (const shape of shapes) {
    const [worker, server] = [
      watchMemory(await product.pidOf('worker')),
      watchMemory(await product.pidOf('server')),
    ];
    const run = await runOnce(product, await saveShape(product.api, shape));
    const seconds = (run.durationMs ?? 0) / 1_000;
    const lengths = await historyLengths(client, run.id);
    rows.push([
      `${shape.phases}x${shape.tasks}`,
      seconds.toFixed(1),
      ((shape.phases * shape.tasks) / seconds).toFixed(0),
      worker.peakMb().toFixed(0),
      server.peakMb().toFixed(0),
      String(lengths.length),
      String(Math.max(...lengths)),
    ]);
  }
  return rows;
}

async function runOnce({ api }: Product, orchestrationId: string): Promise<Run> {
  const { id } = await api.post<Run>(`/orchestrations/${orchestrationId}/runs`, {});
  for await (const { event } of api.events(`/runs/${id}/events`)) if (event === 'end') break;
  const run = await api.get<Run>(`/runs/${id}`);
  if (run.status !== 'success') throw new Error(`Run ${id} ended ${run.status}.`);
  return run;
}

/** Events of the run's workflow and of those of its chunks; where one continued as new, of each part. */
async function historyLengths(client: Client, runId: string): Promise<number[]> {
  // Temporal's list is a moment behind.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const lengths: number[] = [];
  for await (const { historyLength } of client.workflow.list({
    query: `WorkflowId STARTS_WITH '${runId}'`,
  })) {
    lengths.push(historyLength);
  }
  return lengths;
}
