import {
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import { stopSignalName } from '../temporal/names';
import type { StopRequest } from './messages';

export const stopSignal = defineSignal<[StopRequest]>(stopSignalName);

/** How long running tasks have to confirm a stop that came without a grace period, e.g. from the Temporal Web UI. */
const defaultGraceSeconds = 60;

/**
 * Where a run hears that it is to stop: by the product's signal, or by a cancellation in Temporal itself.
 * Both end the same way: running tasks are cancelled and have a grace period to confirm.
 */
export class StopDesk {
  #graceSeconds: number | null = null;

  constructor() {
    setHandler(stopSignal, ({ graceSeconds }) => {
      this.#graceSeconds ??= graceSeconds;
    });
    CancellationScope.current()
      .cancelRequested.catch(() => undefined)
      .then(() => {
        this.#graceSeconds ??= defaultGraceSeconds;
      })
      .catch(() => undefined);
  }

  get isStopping(): boolean {
    return this.#graceSeconds !== null;
  }

  /**
   * Does the work until it ends, or until it was told to stop and has either confirmed or used up the grace
   * period. Answers `null` when it was given up.
   */
  async run<T>(work: () => Promise<T>): Promise<T | null> {
    return CancellationScope.nonCancellable(async () => {
      const scope = new CancellationScope({ cancellable: true });
      const working = scope.run(work).catch((error: unknown) => {
        if (this.isStopping && isCancellation(error)) return null;
        throw error;
      });
      const given = await Promise.race([working.then(() => 'ended'), condition(() => this.isStopping)]);
      if (given === 'ended') return working;
      scope.cancel();
      return Promise.race([working, this.#graceOver()]);
    });
  }

  async #graceOver(): Promise<null> {
    await sleep((this.#graceSeconds ?? defaultGraceSeconds) * 1_000, { summary: 'Grace period of the stop' });
    return null;
  }
}
