import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { errorMessageOf } from '../../domain/errors';
import { hasEnded } from '../../stop-process';

/** A part of the product that runs as a process of its own. */
export interface RunningPart {
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

const firstPauseMs = 200;
const longestPauseMs = 10_000;
/** A part that has lived that long starts again with the short pause. */
const settledAfterMs = 5_000;

/** Keeps a part running: when it dies it is started again, after a pause that grows while it dies at once. */
export class SupervisedPart {
  readonly #stopping = new AbortController();
  #running: RunningPart | undefined;
  #starting: Promise<void> = Promise.resolve();
  #pauseMs = firstPauseMs;
  #deaths = 0;

  /**
   * @param start starts the part and resolves when it answers; called again after each death. It gives up, and
   * leaves no process behind, when its signal is aborted.
   * @param tell is told what people should know.
   */
  constructor(
    readonly name: string,
    private readonly start: (signal: AbortSignal) => Promise<RunningPart>,
    private readonly tell: (sentence: string) => void,
  ) {}

  /** How often it has died by itself. */
  get deaths(): number {
    return this.#deaths;
  }

  /** Starts the part for the first time. Rejects when it does not start. */
  begin(): Promise<void> {
    const begun = this.#launch();
    this.#starting = begun.catch(() => undefined);
    return begun;
  }

  /** Ends the part for good, also one that is just starting. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Stopping());
    await this.#starting;
    await this.#running?.stop();
    this.#running = undefined;
  }

  /** Kills the part without any manners. */
  kill(): void {
    this.#stopping.abort(new Stopping());
    this.#running?.process.kill('SIGKILL');
  }

  async #launch(): Promise<void> {
    const { signal } = this.#stopping;
    signal.throwIfAborted();
    this.#watch(await this.start(signal));
  }

  #watch(part: RunningPart): void {
    const startedAt = Date.now();
    this.#running = part;
    const onExit = (code: number | null, signal: string | null) => {
      if (this.#stopping.signal.aborted) return;
      if (Date.now() - startedAt > settledAfterMs) this.#pauseMs = firstPauseMs;
      this.#deaths += 1;
      this.tell(`${this.name} ended (${signal ?? `exit code ${code ?? '?'}`}) and is started again.`);
      this.#starting = this.#restart();
    };
    if (hasEnded(part.process)) onExit(part.process.exitCode, part.process.signalCode);
    else part.process.once('exit', onExit);
  }

  async #restart(): Promise<void> {
    const { signal } = this.#stopping;
    const isWanted = () => !signal.aborted;
    while (isWanted()) {
      await delay(this.#pauseMs, undefined, { signal }).catch(() => undefined);
      this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
      try {
        await this.#launch();
        return;
      } catch (error) {
        if (isWanted()) this.tell(`${this.name} does not start: ${errorMessageOf(error)}`);
      }
    }
  }
}

/** The product was told to stop while it was starting. */
export class Stopping extends Error {
  override readonly message = 'The product was told to stop.';
}
