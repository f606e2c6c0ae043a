import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Orchestration } from '../../src/domain/model/orchestration';
import { startProduct, type Product } from '../../test/support/product';
import { median, toTable } from '../statistics';
import { crashOnce, victims, type CrashResult, type Victim } from './crash-once';
import { seeded } from './seeded';
import { startWitness } from './witness';

const shape = { phases: 10, tasks: 10, workMs: 1_000 };
/** The run lasts about ten seconds; the blow falls in the first nine. */
const latestBlowMs = 9_000;

/** Kills each part of the product at random moments of a run, and says what it cost. Fails when anything was lost. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      times: { type: 'string', default: '5' },
      victim: { type: 'string', multiple: true, default: [...victims] },
    },
  });
  const [seed, times] = [Number(values.seed), Number(values.times)];
  const chosen = victims.filter((victim) => values.victim.includes(victim));
  const witness = await startWitness(shape.workMs);
  const product = await startProduct({
    EXAMPLES: 'off',
    LOG_LEVEL: 'warn',
    HTTP_JOB_ALLOWED_HOSTS: '127.0.0.1',
  });
  try {
    const orchestrationId = await prepare(product, witness.url);
    process.stdout.write(
      `${new Date().toISOString()}, Node ${process.version}, ${cpus().length} cores, seed ${seed}\n\n`,
    );
    const calm = await crashOnce(product, witness, orchestrationId, { victim: null, afterMs: 0 });
    const results = new Map<Victim, CrashResult[]>();
    const random = seeded(seed);
    for (const victim of chosen) {
      for (let time = 0; time < times; time += 1) {
        const afterMs = Math.round(500 + random() * latestBlowMs);
        const result = await crashOnce(product, witness, orchestrationId, { victim, afterMs });
        results.set(victim, [...(results.get(victim) ?? []), result]);
        process.stderr.write(`${victim} after ${afterMs} ms: ${JSON.stringify(result)}\n`);
      }
    }
    process.stdout.write(`${toTable(report(results, calm.durationMs))}\n`);
    const all = [...results.values()].flat();
    if (all.some(({ status, runAgain, leaked }) => status !== 'success' || runAgain + leaked > 0)) {
      process.exitCode = 1;
    }
  } finally {
    await product.stop();
    await witness.close();
    await product.remove();
  }
}

/** Every task takes a lease, so that a leaked one shows. */
async function prepare({ api }: Product, url: string): Promise<string> {
  await api.put('/limits/component:job-http', { maxRunning: shape.tasks });
  const { id } = await api.post<Orchestration>('/orchestrations', {
    name: `${shape.phases}x${shape.tasks}`,
    phases: Array.from({ length: shape.phases }, (_, phase) => ({
      name: `Phase ${phase + 1}`,
      tasks: Array.from({ length: shape.tasks }, (__, task) => ({
        name: `Task ${phase + 1}.${task + 1}`,
        componentId: 'job-http',
        configuration: { request: { method: 'POST', url: `${url}/{{runId}}/{{taskId}}` } },
      })),
    })),
  });
  return id;
}

function report(results: ReadonlyMap<Victim, readonly CrashResult[]>, calmMs: number): string[][] {
  const header = ['killed', 'runs', 'ended success', 'finished tasks run again', 'leaked leases'];
  const rows = [...results].map(([victim, ofVictim]) => {
    const lost = ofVictim.map(({ durationMs }) => (durationMs - calmMs) / 1_000);
    return [
      victim,
      String(ofVictim.length),
      String(ofVictim.filter(({ status }) => status === 'success').length),
      String(sum(ofVictim.map(({ runAgain }) => runAgain))),
      String(sum(ofVictim.map(({ leaked }) => leaked))),
      median(lost).toFixed(1),
      Math.max(...lost).toFixed(1),
    ];
  });
  return [[...header, 'seconds lost, median', 'most'], ...rows];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
