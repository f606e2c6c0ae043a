import { setTimeout as delay } from 'node:timers/promises';
import type { Component, RemoteJob, TaskOutput } from '../components/component';
import type { TaskContext } from '../components/context';
import type { JsonObject } from '../domain/model/json';
import type { Interrupter } from './interruption';

export interface Execution {
  readonly component: Component;
  /** Secrets in clear text, parameters in place. */
  readonly configuration: JsonObject;
  readonly context: TaskContext;
  readonly interrupter: Interrupter;
  /** The remote job that an earlier attempt started and that may still be going on. */
  readonly job: JsonObject | null;
  /** Remembers a remote job, durably, before it is looked at. */
  readonly saveJob: (job: JsonObject) => Promise<void>;
}

/** Does the work of one attempt: runs the component here, or starts, follows and stops its remote job. */
export async function executeComponent(execution: Execution): Promise<TaskOutput> {
  const { component, configuration, context } = execution;
  if (component.execution.kind === 'run') return component.execution.run(configuration, context);
  return followJob(component.execution.job, execution);
}

async function followJob(remote: RemoteJob<unknown>, execution: Execution): Promise<TaskOutput> {
  const { configuration, context } = execution;
  const job = execution.job ?? (await startJob(remote, execution));
  if (execution.job !== null) context.log.info('Found the remote job again that was started before.');
  try {
    for (;;) {
      const look = await remote.poll(configuration, job, context);
      if (look.done) return look.output;
      if (look.progress !== undefined) context.reportProgress(look.progress);
      await delay(look.pollAfterMs, undefined, { signal: context.signal });
    }
  } catch (error) {
    await stopJobIfAsked(remote, job, execution);
    throw error;
  }
}

async function startJob(
  remote: RemoteJob<unknown>,
  { configuration, context, saveJob }: Execution,
): Promise<JsonObject> {
  const job = await remote.start(configuration, context);
  await saveJob(job);
  return job;
}

/** A job goes on when only the worker ends: the next attempt follows it. */
async function stopJobIfAsked(
  remote: RemoteJob<unknown>,
  job: JsonObject,
  execution: Execution,
): Promise<void> {
  const { interrupter, configuration, context } = execution;
  if (interrupter.reason !== 'cancelled' && interrupter.reason !== 'timedOut') return;
  context.log.info('Stopping the remote job.');
  await remote.cancel(configuration, job, { ...context, signal: AbortSignal.timeout(stopWithinMs) });
}

const stopWithinMs = 10_000;
