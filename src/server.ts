import { once } from 'node:events';
import { createServer } from 'node:http';
import { composeServer } from './compose';
import { readConfig } from './config';
import { createLogger } from './logger';
import { onProcessEnd } from './process-end';

/** Requests that are under way at the end have this long to finish. */
const drainMs = 5_000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const logger = createLogger('server', config.logLevel);
  const composed = await composeServer(config, logger);
  const server = createServer(composed.app);
  server.listen(config.port, config.host);
  await once(server, 'listening');
  composed.housekeeping.start();
  logger.info({ host: config.host, port: config.port }, 'The server listens.');
  onProcessEnd(() => {
    logger.info('The server ends.');
    server.close();
    server.closeIdleConnections();
    setTimeout(() => {
      server.closeAllConnections();
    }, drainMs).unref();
    void once(server, 'close').then(() => composed.close());
  });
}

main().catch((error: unknown) => {
  process.stderr.write(
    `The server cannot start: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
});
