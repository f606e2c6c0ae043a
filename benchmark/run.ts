import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { measureExtraction } from './extraction';
import { startProduct, type Product } from '../test/support/product';
import { saveShape, timeBare, timeProduct, type Shape } from './shapes';
import { median, toTable } from './statistics';

const shapes: readonly (Shape & { readonly rounds: number })[] = [
  { phases: 1, tasks: 1, rounds: 30 },
  { phases: 10, tasks: 1, rounds: 15 },
  { phases: 10, tasks: 10, rounds: 10 },
  { phases: 1, tasks: 1_000, rounds: 5 },
];
const burst = { runs: 50, shape: { phases: 3, tasks: 3 } };
const bareQueue = 'bare';
const warmUps = 3;

/** Bare Temporal and the product in turn, on one server, in one session; then PostgreSQL to storage against psql. */
async function main(): Promise<void> {
  const product = await startProduct({ EXAMPLES: 'off', LOG_LEVEL: 'warn' });
  const bareWorker = spawn(process.execPath, [join(__dirname, 'bare', 'worker.js')], {
    env: {
      ...product.environment,
      TEMPORAL_ADDRESS: product.temporalAddress,
      TEMPORAL_TASK_QUEUE: bareQueue,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const connection = await Connection.connect({ address: product.temporalAddress });
  try {
    const client = new Client({ connection });
    process.stdout.write(`${new Date().toISOString()}, Node ${process.version}, ${cpus().length} cores\n\n`);
    process.stdout.write(`${toTable(await measureRuns(client, product))}\n\n`);
    process.stdout.write(`${toTable(await measureExtraction(product))}\n`);
  } finally {
    bareWorker.kill('SIGTERM');
    await once(bareWorker, 'exit');
    await connection.close();
    await product.stop();
    await product.remove();
  }
}

async function measureRuns(client: Client, { api }: Product): Promise<string[][]> {
  const rows = [['run', 'bare Temporal, median ms', 'product over HTTP, median ms', 'ratio']];
  for (const shape of shapes) {
    const orchestrationId = await saveShape(api, shape);
    const bare: number[] = [];
    const product: number[] = [];
    for (let round = -warmUps; round < shape.rounds; round += 1) {
      const [bareMs, productMs] = [
        await timeBare(client, bareQueue, shape),
        await timeProduct(api, orchestrationId),
      ];
      if (round < 0) continue;
      bare.push(bareMs);
      product.push(productMs);
    }
    rows.push(toRow(`${shape.phases}x${shape.tasks}`, median(bare), median(product)));
  }
  rows.push(await measureBurst(client, { api }));
  return rows;
}

/** Many runs started at once: milliseconds until the last one has ended. */
async function measureBurst(client: Client, { api }: Pick<Product, 'api'>): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < burst.runs; index += 1) ids.push(await saveShape(api, burst.shape));
  const bare: number[] = [];
  const product: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    bare.push(await timed(() => Promise.all(ids.map(() => timeBare(client, bareQueue, burst.shape)))));
    product.push(await timed(() => Promise.all(ids.map((id) => timeProduct(api, id)))));
  }
  return toRow(`${burst.runs} runs of 3x3 at once`, median(bare), median(product));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function toRow(name: string, bareMs: number, productMs: number): string[] {
  return [name, bareMs.toFixed(0), productMs.toFixed(0), (productMs / bareMs).toFixed(2)];
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
