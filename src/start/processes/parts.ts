import { Stopping, type SupervisedPart } from './supervised-part';

/** The parts of the product, in the order in which they were started. */
export class Parts {
  readonly #parts: SupervisedPart[] = [];
  readonly #stopping = new AbortController();
  #stopped: Promise<void> | undefined;

  /** Aborted when the product is being stopped, also for what is no part yet, as a download. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Starts one more part. Rejects when it does not start, or when the product is being stopped. */
  async begin(part: SupervisedPart): Promise<void> {
    this.signal.throwIfAborted();
    this.#parts.push(part);
    await part.begin();
  }

  /** Stops all parts, the last one first. Idempotent. */
  stop(): Promise<void> {
    this.#stopping.abort(new Stopping());
    this.#stopped ??= this.#stopInTurn();
    return this.#stopped;
  }

  /** Kills all parts without any manners. */
  kill(): void {
    this.#stopping.abort(new Stopping());
    for (const part of this.#parts) part.kill();
  }

  async #stopInTurn(): Promise<void> {
    for (const part of [...this.#parts].reverse()) await part.stop();
  }
}
