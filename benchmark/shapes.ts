import type { Client } from '@temporalio/client';
import type { Orchestration } from '../src/domain/model/orchestration';
import type { Run } from '../src/domain/model/run';
import type { ApiClient } from '../src/start/example/api-client';

/** Phases times tasks of a run. */
export interface Shape {
  readonly phases: number;
  readonly tasks: number;
}

/** Runs the bare workflow once; milliseconds from the start call to its result. */
export async function timeBare(client: Client, taskQueue: string, { phases, tasks }: Shape): Promise<number> {
  const startedAt = performance.now();
  await client.workflow.execute('barePhases', {
    taskQueue,
    workflowId: `bare-${crypto.randomUUID()}`,
    args: [phases, tasks],
  });
  return performance.now() - startedAt;
}

/** Saves an orchestration of that shape whose tasks do nothing. */
export async function saveShape(api: ApiClient, { phases, tasks }: Shape): Promise<string> {
  const orchestration = await api.post<Orchestration>('/orchestrations', {
    name: `${phases}x${tasks}`,
    phases: Array.from({ length: phases }, (_, phase) => ({
      name: `Phase ${phase + 1}`,
      tasks: Array.from({ length: tasks }, (__, task) => ({
        name: `Task ${phase + 1}.${task + 1}`,
        componentId: 'job-wait',
        configuration: { seconds: 0 },
      })),
    })),
  });
  return orchestration.id;
}

/** Runs an orchestration once over HTTP; milliseconds from the start call to the event that says that it has ended. */
export async function timeProduct(api: ApiClient, orchestrationId: string): Promise<number> {
  const startedAt = performance.now();
  const run = await api.post<Run>(`/orchestrations/${orchestrationId}/runs`, {});
  for await (const { event, data } of api.events(`/runs/${run.id}/events`)) {
    if (event !== 'end') continue;
    const { status } = JSON.parse(data) as Run;
    if (status !== 'success') throw new Error(`Run ${run.id} ended ${status}.`);
    return performance.now() - startedAt;
  }
  throw new Error(`Run ${run.id} has no end.`);
}
