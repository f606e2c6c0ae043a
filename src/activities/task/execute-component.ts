import { setTimeout as delay } from 'node:timers/promises';
import type { Component, RemoteJob, TaskOutput } from '../../components/component';
import type { TaskContext } from '../../components/context';
import type { JsonObject } from '../../domain/model/json';
import type { Interrupter } from './interruption';

export interface ComponentWork {
  readonly execution: Exclude<Component['execution'], { readonly kind: 'nested' }>;
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
export async function executeComponent(work: ComponentWork): Promise<TaskOutput> {
  const { execution, configuration, context } = work;
  if (execution.kind === 'run') return execution.run(configuration, context);
  return followJob(execution.job, work);
}

async function followJob(remote: RemoteJob<unknown>, work: ComponentWork): Promise<TaskOutput> {
  const { configuration, context } = work;
  const job = work.job ?? (await startJob(remote, work));
  if (work.job !== null) context.log.info('Found the remote job again that was started before.');
  try {
    for (;;) {
      const look = await remote.poll(configuration, job, context);
      if (look.done) return look.output;
      if (look.progress !== undefined) context.reportProgress(look.progress);
      await delay(look.pollAfterMs, undefined, { signal: context.signal });
    }
  } catch (error) {
    await stopJobIfAsked(remote, job, work);
    throw error;
  }
}

async function startJob(
  remote: RemoteJob<unknown>,
  { configuration, context, saveJob }: ComponentWork,
): Promise<JsonObject> {
  const job = await remote.start(configuration, context);
  await saveJob(job);
  return job;
}

/** A job goes on when only the worker ends: the next attempt follows it. */
async function stopJobIfAsked(
  remote: RemoteJob<unknown>,
  job: JsonObject,
  work: ComponentWork,
): Promise<void> {
  const { interrupter, configuration, context } = work;
  if (interrupter.reason !== 'cancelled' && interrupter.reason !== 'timedOut') return;
  context.log.info('Stopping the remote job.');
  await remote.cancel(configuration, job, { ...context, signal: AbortSignal.timeout(stopWithinMs) });
}

const stopWithinMs = 10_000;
