import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

/** A part of the product that runs as a process of its own. */
export interface RunningPart {
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

const firstPauseMs = 200;
const longestPauseMs = 10_000;
/** A part that has lived that long starts again with the short pause. */
const settledAfterMs = 30_000;

/** Keeps a part running: when it dies it is started again, after a pause that grows while it dies at once. */
export class SupervisedPart {
  #running: RunningPart | undefined;
  #stopping = new AbortController();
  #restarting: Promise<void> = Promise.resolve();
  #pauseMs = firstPauseMs;

  /**
   * @param start starts the part and resolves when it answers; called again after each death.
   * @param tell is told what people should know.
   */
  constructor(
    readonly name: string,
    private readonly start: () => Promise<RunningPart>,
    private readonly tell: (sentence: string) => void,
  ) {}

  /** Starts the part for the first time. Rejects when it does not start. */
  async begin(): Promise<void> {
    this.#watch(await this.start());
  }

  /** Ends the part for good. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#restarting;
    await this.#running?.stop();
    this.#running = undefined;
  }

  /** Kills the part without any manners. */
  kill(): void {
    this.#stopping.abort();
    this.#running?.process.kill('SIGKILL');
  }

  #watch(part: RunningPart): void {
    const startedAt = Date.now();
    this.#running = part;
    const onExit = (code: number | null, signal: string | null) => {
      if (this.#stopping.signal.aborted) return;
      if (Date.now() - startedAt > settledAfterMs) this.#pauseMs = firstPauseMs;
      this.tell(`${this.name} ended (${signal ?? `exit code ${code ?? '?'}`}) and is started again`);
      this.#restarting = this.#restart();
    };
    if (part.process.exitCode !== null || part.process.signalCode !== null) {
      onExit(part.process.exitCode, part.process.signalCode);
    } else {
      part.process.once('exit', onExit);
    }
  }

  async #restart(): Promise<void> {
    const { signal } = this.#stopping;
    const isWanted = () => !signal.aborted;
    while (isWanted()) {
      await delay(this.#pauseMs, undefined, { signal }).catch(() => undefined);
      if (!isWanted()) return;
      this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
      try {
        const part = await this.start();
        this.#watch(part);
        return;
      } catch (error) {
        this.tell(`${this.name} does not start: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}

/** The parts of the product, in the order in which they were started. */
export class Parts {
  readonly #parts: SupervisedPart[] = [];
  #stopping = false;

  /** Starts one more part. Rejects when it does not start, or when the product is being stopped. */
  async begin(part: SupervisedPart): Promise<void> {
    const isStopping = () => this.#stopping;
    if (isStopping()) throw new Stopping();
    this.#parts.push(part);
    await part.begin();
    if (isStopping()) await part.stop();
  }

  /** Stops all parts, the last one first. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const part of [...this.#parts].reverse()) await part.stop();
  }

  kill(): void {
    this.#stopping = true;
    for (const part of this.#parts) part.kill();
  }
}

/** The product was told to stop while it was starting. */
export class Stopping extends Error {}
