import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { startProduct } from '../../test/support/product';
import { toTable } from '../statistics';
import { measureLargeRuns } from './large-runs';
import { measureQueuedRuns } from './queued-runs';

/** Sizes far above the usual ones: time, memory, and the length of histories. `--only large` or `--only queued`. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const isWanted = (part: string) => values.only === undefined || values.only === part;
  const product = await startProduct({ EXAMPLES: 'off', LOG_LEVEL: 'warn' });
  const connection = await Connection.connect({ address: product.temporalAddress });
  try {
    process.stdout.write(`${new Date().toISOString()}, Node ${process.version}, ${cpus().length} cores\n\n`);
    if (isWanted('large')) {
      const client = new Client({ connection });
      process.stdout.write(`${toTable(await measureLargeRuns(client, product))}\n\n`);
    }
    if (isWanted('queued')) process.stdout.write(`${toTable(await measureQueuedRuns(product))}\n`);
  } finally {
    await connection.close();
    await product.stop();
    await product.remove();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
