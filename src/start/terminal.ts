/** What a person at the terminal sees: a line for each step, with the time it took. */
export interface Terminal {
  /** Does a step and says how it went. `work` answers a few words about the outcome. */
  step<T>(name: string, work: () => Promise<T>, describe: (result: T) => string): Promise<T>;
  say(sentence: string): void;
}

const nameWidth = 12;

export function createTerminal(write: (text: string) => void): Terminal {
  return {
    async step(name, work, describe) {
      const startedAt = performance.now();
      const result = await work();
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      write(`  ${name.padEnd(nameWidth)} ready in ${seconds} s  ${describe(result)}\n`);
      return result;
    },
    say(sentence) {
      write(`  ${sentence}\n`);
    },
  };
}
