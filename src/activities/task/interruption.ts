import type { Context } from '@temporalio/activity';

/**
 * Why the work of an attempt was stopped from outside.
 * - `cancelled`: the run is being stopped.
 * - `timedOut`: the task passed its `timeoutMinutes`.
 * - `shutdown`: this worker ends; another one takes the task over.
 * - `lost`: Temporal has given this attempt up, e.g. after an outage; another one has the task.
 */
export type InterruptionReason = 'cancelled' | 'timedOut' | 'shutdown' | 'lost';

/** The reason that a component finds on its aborted signal. */
export class Interruption extends Error {
  constructor(readonly reason: InterruptionReason) {
    super(`The task was interrupted: ${reason}.`);
    this.name = 'Interruption';
  }
}

/** Gathers what can interrupt an attempt into one signal. The first reason stays. */
export class Interrupter {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;

  /** @param timeLeftMs until the task's time-out; `null` for none. */
  constructor(context: Context, timeLeftMs: number | null) {
    const { cancellationSignal } = context;
    const onCancel = () => {
      this.#interrupt(reasonOf(context));
    };
    if (cancellationSignal.aborted) onCancel();
    else cancellationSignal.addEventListener('abort', onCancel, { once: true });
    if (timeLeftMs !== null && timeLeftMs <= 0) this.#interrupt('timedOut');
    else if (timeLeftMs !== null) {
      this.#timer = setLongTimeout(() => {
        this.#interrupt('timedOut');
      }, timeLeftMs);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get reason(): InterruptionReason | null {
    return this.signal.reason instanceof Interruption ? this.signal.reason.reason : null;
  }

  /** Ends the timer. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #interrupt(reason: InterruptionReason): void {
    if (!this.signal.aborted) this.#controller.abort(new Interruption(reason));
  }
}

function reasonOf(context: Context): InterruptionReason {
  const details = context.cancellationDetails;
  if (details?.cancelRequested === true) return 'cancelled';
  return details?.workerShutdown === true ? 'shutdown' : 'lost';
}

/** Node's timers hold 31 bits of milliseconds, about 24 days; a task that long is interrupted at its next attempt. */
const longestTimerMs = 2 ** 31 - 1;

function setLongTimeout(callback: () => void, ms: number): NodeJS.Timeout | undefined {
  return ms > longestTimerMs ? undefined : setTimeout(callback, ms);
}
