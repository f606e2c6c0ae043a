import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError, readConfig } from './config';
import { errorMessageOf, isDomainError } from './domain/errors';
import { takeDataFolder } from './start/data-folder';
import { runFirstStart } from './start/first-start';
import { onParentEnd } from './start/processes/parent-end';
import { Parts } from './start/processes/parts';
import { startProduct } from './start/start-product';
import { createTerminal } from './start/terminal';

/** Ctrl-C reaches this process from the terminal and, a moment later, once more from npm. */
const sameSignalWithinMs = 500;
/** What was under way when the product was told to stop notices within this time. */
const noticeWithinMs = 2_000;

/** `npm start`: the whole product on one machine, in the foreground, until it is told to stop. */
async function main(): Promise<void> {
  const terminal = createTerminal((text) => process.stdout.write(text));
  const config = readConfig(process.env);
  const folder = await takeDataFolder(config.dataDir);
  const parts = new Parts();
  const stopped = stopOnSignal(parts, terminal.say);
  terminal.say('Orchestrator starts. Ctrl-C stops it.');
  const options = { config, environment: process.env, folder, terminal, parts, programs: __dirname };
  const running = startProduct(options)
    .then(({ databaseUrl }) => runFirstStart({ config, databaseUrl, terminal }))
    .catch((error: unknown) => {
      // When it was told to stop, what was under way fails because of that.
      if (!parts.signal.aborted) throw error;
    });
  try {
    await Promise.race([running, stopped]);
    await stopped;
  } finally {
    await parts.stop();
    await Promise.race([running.catch(() => undefined), delay(noticeWithinMs)]);
    await folder.release();
    if (parts.signal.aborted) terminal.say('Stopped.');
  }
}

/** Resolves when everything has been stopped because of a signal. A second signal waits for nothing. */
function stopOnSignal(parts: Parts, tell: (sentence: string) => void): Promise<void> {
  return new Promise((resolve) => {
    let toldAt: number | undefined;
    const onSignal = () => {
      if (toldAt === undefined) {
        toldAt = Date.now();
        tell('Stopping. Runs that are under way go on at the next start.');
        void parts.stop().then(resolve);
      } else if (Date.now() - toldAt > sameSignalWithinMs) {
        parts.kill();
        process.exit(130);
      }
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
    onParentEnd(process.env, onSignal);
  });
}

// A terminal that was closed, or `| head`: the product goes on without being seen, or ends by SIGHUP in good order.
process.stdout.on('error', () => undefined);

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const forPeople = error instanceof ConfigError || isDomainError(error);
    const text = error instanceof Error && !forPeople ? error.stack : errorMessageOf(error);
    process.stderr.write(`\n${text ?? ''}\n`);
    process.exit(1);
  },
);
