import { ConfigError, readConfig } from './config';
import { isDomainError } from './domain/errors';
import { takeDataFolder } from './start/data-folder';
import { runFirstStart } from './start/first-start';
import { startProduct } from './start/start-product';
import { Parts } from './start/supervised-part';
import { createTerminal } from './start/terminal';

/** `npm start`: the whole product on one machine, in the foreground, until it is told to stop. */
async function main(): Promise<void> {
  const terminal = createTerminal((text) => process.stdout.write(text));
  const config = readConfig(process.env);
  const folder = await takeDataFolder(config.dataDir);
  const parts = new Parts();
  const stopped = stopOnSignal(parts, terminal.say);
  try {
    terminal.say('Orchestrator starts. Ctrl-C stops it.');
    const running = startProduct({ config, environment: process.env, folder, terminal, parts }).then(
      ({ databaseUrl }) => runFirstStart({ config, databaseUrl, terminal }),
    );
    await Promise.race([running, stopped]);
    await stopped;
  } finally {
    await parts.stop();
    await folder.release();
  }
}

/** Resolves when everything has been stopped because of a signal. A second signal waits for nothing. */
function stopOnSignal(parts: Parts, tell: (sentence: string) => void): Promise<void> {
  return new Promise((resolve) => {
    let signals = 0;
    const onSignal = () => {
      signals += 1;
      if (signals > 1) {
        parts.kill();
        process.exit(130);
      }
      tell('Stopping.');
      void parts.stop().then(resolve);
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const forPeople = error instanceof ConfigError || isDomainError(error);
    process.stderr.write(
      `\n${forPeople ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
    );
    process.exit(1);
  },
);
