import {
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import type { RunError } from '../domain/model/run';
import { stopSignalName } from '../temporal/names';
import type { StopRequest } from './messages';

export const stopSignal = defineSignal<[StopRequest]>(stopSignalName);

/** How long running tasks have to confirm a stop that came without a grace period, e.g. from the Temporal Web UI. */
const defaultGraceSeconds = 60;

/** Why a run stops. `error` is null when somebody asked for it. */
interface Stop {
  readonly graceSeconds: number;
  readonly error: RunError | null;
}

/**
 * Where a run hears that it is to stop: by the product's signal, by a cancellation in Temporal itself, or because it
 * has passed a time-out. All end the same way: running tasks are cancelled and have a grace period to confirm.
 */
export class StopDesk {
  #stop: Stop | null = null;

  constructor() {
    setHandler(stopSignal, ({ graceSeconds }) => {
      this.#stop ??= { graceSeconds, error: null };
    });
    CancellationScope.current()
      .cancelRequested.catch(() => undefined)
      .then(() => {
        this.#stop ??= { graceSeconds: defaultGraceSeconds, error: null };
      })
      .catch(() => undefined);
  }

  get isStopping(): boolean {
    return this.#stop !== null;
  }

  /** The time-out that the run has passed; `null` when it was not that. */
  get error(): RunError | null {
    return this.#stop?.error ?? null;
  }

  /** Does the work, and stops the run with `error` when the work takes longer than `ms`. */
  async within<T>(ms: number, error: RunError, work: () => Promise<T>): Promise<T> {
    const timer = new CancellationScope({ cancellable: true });
    timer
      .run(() => sleep(Math.max(ms, 1), { summary: error.code }))
      .then(() => {
        this.#stop ??= { graceSeconds: defaultGraceSeconds, error };
      })
      .catch(() => undefined);
    try {
      return await work();
    } finally {
      timer.cancel();
    }
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
    const graceSeconds = this.#stop?.graceSeconds ?? defaultGraceSeconds;
    await sleep(graceSeconds * 1_000, { summary: 'Grace period of the stop' });
    return null;
  }
}
