import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import { pausedSignalName, taskGrantedSignalName } from '../temporal/names';

const taskGrantedSignal = defineSignal<[taskId: string]>(taskGrantedSignalName);
export const pausedSignal = defineSignal<[isPaused: boolean]>(pausedSignalName);

type PauseListener = (isPaused: boolean) => void;

/** Where the tasks of one workflow hear that their turn has come, and whether the run is paused. */
export class TaskDesk {
  readonly #granted = new Set<string>();
  readonly #listeners = new Set<PauseListener>();
  /** `undefined` until a signal or the run's record has said it. */
  #isPaused: boolean | undefined;

  constructor() {
    setHandler(taskGrantedSignal, (taskId) => {
      this.#granted.add(taskId);
    });
    setHandler(pausedSignal, (isPaused) => {
      this.#isPaused = isPaused;
      for (const listener of this.#listeners) listener(isPaused);
    });
  }

  get isPaused(): boolean {
    return this.#isPaused ?? false;
  }

  /** What the run's record says at the beginning; a signal that came before is newer. */
  beginPaused(isPaused: boolean): void {
    this.#isPaused ??= isPaused;
  }

  /** Tells `listener` of each pause and resumption from now on, until the function that is answered is called. */
  onPause(listener: PauseListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Resolves when the run is not paused; rejects when it is cancelled. */
  async untilResumed(): Promise<void> {
    if (this.isPaused) await condition(() => !this.isPaused);
  }

  /**
   * Resolves when a waiting task was told that its turn has come, or a parked one that somebody has decided; or when
   * nobody told it within the time. Rejects when the run is cancelled.
   */
  async turnOf(taskId: string, withinSeconds: number): Promise<void> {
    await condition(() => this.#granted.has(taskId), withinSeconds * 1_000);
    this.#granted.delete(taskId);
  }
}
