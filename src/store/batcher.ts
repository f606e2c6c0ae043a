import { setTimeout as delay } from 'node:timers/promises';

/** After a trip the next one waits so long for company: under load it saves both sides more than it costs. */
const gatherMs = 8;

/**
 * Gathers calls that arrive during an earlier trip, or right after it, into one: alone, a call goes out at once;
 * under load, hundreds share one trip to the database.
 */
export class Batcher<Item, Answer> {
  readonly #flush: (items: readonly Item[]) => Promise<readonly Answer[]>;
  readonly #maxItems: number;
  #waiting: Entry<Item, Answer>[] = [];
  #busy = false;

  /**
   * @param flush handles many items at once and answers in their order. When it rejects, every call of the batch does.
   * @param maxItems most items of one batch.
   */
  constructor(flush: (items: readonly Item[]) => Promise<readonly Answer[]>, maxItems = 200) {
    this.#flush = flush;
    this.#maxItems = maxItems;
  }

  add(item: Item): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#busy) {
        this.#busy = true;
        // What else arrives in this turn of the event loop goes along.
        setImmediate(() => void this.#drain());
      }
    });
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#maxItems);
      await this.#send(batch);
      await delay(gatherMs);
    }
    this.#busy = false;
  }

  async #send(batch: readonly Entry<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.#flush(batch.map((entry) => entry.item));
      if (answers.length !== batch.length) throw new TypeError('A batch must have one answer for each item.');
      batch.forEach((entry, index) => {
        entry.resolve(answers[index] as Answer);
      });
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    }
  }
}

interface Entry<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}
