import { setTimeout as delay } from 'node:timers/promises';
import type { Limit } from '../../src/domain/model/limit';
import type { Run } from '../../src/domain/model/run';
import { isFinishedRun } from '../../src/domain/rules/statuses';
import type { PartName, Product } from '../../test/support/product';
import { until } from '../../test/support/until';
import type { Witness } from './witness';

/** What is killed: one process, or all of them together with the one that would start them again. */
export const victims = ['worker', 'server', 'temporal', 'postgres', 'all'] as const;
export type Victim = (typeof victims)[number];

export interface CrashResult {
  readonly status: string;
  /** Tasks that were finished before the crash and were worked on, or recorded, again after it. */
  readonly runAgain: number;
  /** Leases that are still taken when the run has ended. */
  readonly leaked: number;
  readonly durationMs: number;
}

const everything: readonly PartName[] = ['start', 'worker', 'server', 'temporal', 'postgres'];
const restartAfterMs = 2_000;
const endsWithinMs = 180_000;
/** The sweeper looks every 15 seconds; what is taken after that is leaked. */
const leasesFreeWithinMs = 40_000;

export interface Crash {
  /** `null` for a run that is left alone. */
  readonly victim: Victim | null;
  readonly afterMs: number;
}

/** Starts a run, kills something in the middle of it, and looks what has become of the run. */
export async function crashOnce(
  product: Product,
  witness: Witness,
  orchestrationId: string,
  { victim, afterMs }: Crash,
): Promise<CrashResult> {
  const { id } = await product.api.post<Run>(`/orchestrations/${orchestrationId}/runs`, {});
  const finishedBefore =
    victim === null ? new Map<string, string>() : await strike(product, id, { victim, afterMs });
  const killedAt = Date.now();
  if (victim === 'all') {
    await delay(restartAfterMs);
    await product.startAgain();
  }
  const run = await untilEnded(product, id);
  const after = finishedTasks(run);
  const calls = witness.callsOf(id);
  const runAgain = [...finishedBefore].filter(
    ([taskId, finishedAt]) =>
      after.get(taskId) !== finishedAt || (calls.get(taskId) ?? []).some((at) => at > killedAt),
  );
  return {
    status: run.status,
    runAgain: runAgain.length,
    leaked: victim === null ? 0 : await countLeaked(product),
    durationMs: run.durationMs ?? 0,
  };
}

/** Waits, looks which tasks have ended, and kills. */
async function strike(
  product: Product,
  runId: string,
  { victim, afterMs }: { readonly victim: Victim; readonly afterMs: number },
): Promise<ReadonlyMap<string, string>> {
  await delay(afterMs);
  const finished = finishedTasks(await product.api.get<Run>(`/runs/${runId}`));
  await product.kill(...(victim === 'all' ? everything : [victim]));
  return finished;
}

function finishedTasks(run: Run): ReadonlyMap<string, string> {
  const tasks = run.phases.flatMap((phase) => phase.tasks);
  return new Map(
    tasks.flatMap(({ id, finishedAt }) => (finishedAt === null ? [] : [[id, finishedAt] as const])),
  );
}

function untilEnded(product: Product, runId: string): Promise<Run> {
  return until(
    `the end of ${runId}`,
    async () => {
      // Whatever is away comes back.
      const run = await product.api.get<Run>(`/runs/${runId}`).catch(() => undefined);
      return run !== undefined && isFinishedRun(run.status) ? run : undefined;
    },
    endsWithinMs,
  );
}

async function countLeaked(product: Product): Promise<number> {
  const giveUpAt = Date.now() + leasesFreeWithinMs;
  for (;;) {
    const { items } = await product.api.get<{ items: Limit[] }>('/limits');
    const taken = items.reduce((sum, { running, waiting }) => sum + running.length + waiting, 0);
    if (taken === 0 || Date.now() > giveUpAt) return taken;
    await delay(500);
  }
}
