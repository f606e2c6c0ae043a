import { DefaultLogger, Runtime } from '@temporalio/worker';
import { composeWorker } from './compose';
import { readConfig } from './config';
import { createLogger } from './logger';
import { onProcessEnd } from './process-end';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const logger = createLogger('worker', config.logLevel);
  // Signals are handled below, so that the end of the parent is handled in the same way.
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      // A failed task is in its own log and in the run's record; here it is only in the way.
      const isTask = message === 'Activity failed';
      logger[level === 'ERROR' ? 'error' : isTask ? 'debug' : 'warn']({ temporal: meta }, message);
    }),
  });
  const { worker, close } = await composeWorker(config, logger);
  onProcessEnd(() => {
    logger.info('The worker ends.');
    worker.stop();
  });
  logger.info({ taskQueue: config.temporal.taskQueue }, 'The worker works.');
  await worker.run();
  await close();
}

main().catch((error: unknown) => {
  process.stderr.write(
    `The worker cannot start: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
});
