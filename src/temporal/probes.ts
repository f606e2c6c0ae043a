import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

const answerWithinMs = 3_000;
/** Temporal remembers pollers for some minutes; a worker polls at least once a minute. */
const workerSeenWithinMs = 70_000;

/** Whether Temporal answers for the namespace. Rejects when it does not. */
export async function probeTemporal(client: Client): Promise<string> {
  const { namespace } = client.options;
  await client.withDeadline(Date.now() + answerWithinMs, () =>
    client.workflowService.describeNamespace({ namespace }),
  );
  return `namespace ${namespace}`;
}

/** Whether a worker polls the task queue. Rejects when none does. */
export async function probeWorkers(client: Client, taskQueue: string): Promise<string> {
  const { pollers } = await client.withDeadline(Date.now() + answerWithinMs, () =>
    client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    }),
  );
  const alive = pollers.filter(
    (poller) => Date.now() - Number(poller.lastAccessTime?.seconds ?? 0) * 1_000 < workerSeenWithinMs,
  );
  if (alive.length === 0) throw new Error(`no worker polls the task queue ${taskQueue}`);
  return `${alive.length} on the task queue ${taskQueue}`;
}
