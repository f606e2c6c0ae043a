import { z } from 'zod';
import { defineComponent } from '../../src/components/component';
import type { ConfigurationId } from '../../src/domain/model/ids';
import type { Task } from '../../src/domain/model/orchestration';
import type { Run } from '../../src/domain/model/run';
import { createLogger } from '../../src/logger';
import type { Caller } from '../../src/services/caller';
import { createLimitServices, type LimitServices } from '../../src/services/limits';
import { reconcileRuns } from '../../src/services/runs/steer/reconcile-runs';
import { sweepLeases } from '../../src/store/leases/sweep';
import { aConfiguration, aTask, ada, anOrchestration } from '../support/cast';
import { startTestEngine, type TestEngine } from '../support/engine';
import { until } from '../support/until';

/** Says when it began and ended: what a test needs to see what ran side by side. */
const intervals: { name: string; from: number; to: number }[] = [];
const recorder = defineComponent({
  id: 'test-record',
  name: 'Recorder',
  type: 'other',
  description: 'Records when it runs.',
  configuration: z.strictObject({ name: z.string(), ms: z.number() }),
  examples: [{ title: 'Any', configuration: { name: 'a', ms: 1 } }],
  connectionOf: ({ name }) => `test://${name}`,
  async run({ name, ms }) {
    const from = performance.now();
    await new Promise((resolve) => setTimeout(resolve, ms));
    intervals.push({ name, from, to: performance.now() });
    return { message: 'Recorded' };
  },
});

const operator: Caller = { id: 'usr_ada', name: 'Ada', type: 'user', role: 'operator' };

let engine: TestEngine;
let limits: LimitServices;
beforeAll(async () => {
  engine = await startTestEngine({ components: [recorder] });
  limits = createLimitServices({ db: engine.database.db, granter: engine.granter });
});
afterAll(() => engine.close());
beforeEach(() => {
  intervals.length = 0;
});
afterEach(async () => {
  await limits.setLimit('component:test-record', null);
  const { db } = engine.database;
  const left = [
    ...(await db.selectFrom('leases').selectAll().execute()),
    ...(await db.selectFrom('lease_requests').selectAll().execute()),
  ];
  expect(left).toEqual([]);
});

const aRecord = (id: string, name = 'a', ms = 50): Task =>
  aTask({ id, componentId: 'test-record', configuration: { name, ms } });
const ofConfiguration = (id: string, configurationId: ConfigurationId): Task =>
  aTask({ id, componentId: 'test-record', configurationId, configuration: null });

async function start(phases: readonly (readonly Task[])[]): Promise<Run> {
  const orchestrationId = await anOrchestration(engine.database.db, phases);
  return engine.runs.startRun({ orchestrationId, startedBy: ada });
}

/** The most that ran side by side. */
function mostAtOnce(recorded: readonly { from: number; to: number }[]): number {
  return Math.max(
    ...recorded.map(({ from }) => recorded.filter((other) => other.from <= from && from < other.to).length),
  );
}

const taskOf = (run: Run, id: string) =>
  run.phases.flatMap((phase) => phase.tasks).find((task) => task.id === `tsk_${id}`);
const waitingFor = (runId: string, id: string) =>
  until(
    `task ${id} to wait`,
    async () => taskOf(await engine.runs.getRun(runId), id)?.waitingFor ?? undefined,
  );

describe('a configuration', () => {
  it('never runs twice at once in a phase: its tasks run one after the other (story 4)', async () => {
    const shared = await aConfiguration(engine.database.db, 'test-record', { name: 'a', ms: 50 });
    const { id } = await start([['a', 'b', 'c', 'd'].map((name) => ofConfiguration(name, shared))]);
    expect((await engine.ended(id)).status).toBe('success');
    expect(intervals).toHaveLength(4);
    expect(mostAtOnce(intervals)).toBe(1);
  });

  it('never runs twice at once in two orchestrations, and the one that waits says for what', async () => {
    const shared = await aConfiguration(engine.database.db, 'test-record', { name: 'a', ms: 1_500 });
    const first = await start([[ofConfiguration('first', shared)]]);
    await until('the first to run', async () =>
      taskOf(await engine.runs.getRun(first.id), 'first')?.status === 'processing' ? true : undefined,
    );
    const second = await start([[ofConfiguration('second', shared)]]);
    expect(await waitingFor(second.id, 'second')).toMatchObject({
      kind: 'configuration',
      key: `configuration:${shared}`,
      holders: [{ runId: first.id, taskId: 'tsk_first' }],
      position: 1,
    });
    const ended = await engine.ended(second.id);
    expect(ended.status).toBe('success');
    expect(mostAtOnce(intervals)).toBe(1);
    // Waiting does not count.
    expect(taskOf(ended, 'second')?.durationMs).toBeLessThan(3_000);
  });
});

describe('a limit', () => {
  it('of a component is never exceeded, across orchestrations, and nothing of it stays taken', async () => {
    await limits.setLimit('component:test-record', 2);
    const runs = await Promise.all(
      ['a', 'b', 'c'].map((name) => start([[1, 2, 3, 4, 5].map((n) => aRecord(`${name}${n}`, name))])),
    );
    for (const run of runs) expect((await engine.ended(run.id)).status).toBe('success');
    expect(intervals).toHaveLength(15);
    expect(mostAtOnce(intervals)).toBe(2);
  });

  it('of a connection counts only what connects there', async () => {
    await limits.setLimit('connection:test://a', 1);
    const { id } = await start([
      [
        ...[1, 2, 3].map((n) => aRecord(`a${n}`, 'a', 150)),
        ...[1, 2, 3].map((n) => aRecord(`b${n}`, 'b', 150)),
      ],
    ]);
    expect((await engine.ended(id)).status).toBe('success');
    expect(mostAtOnce(intervals.filter(({ name }) => name === 'a'))).toBe(1);
    expect(mostAtOnce(intervals.filter(({ name }) => name === 'b'))).toBeGreaterThan(1);
    await limits.setLimit('connection:test://a', null);
  });

  it('counts what runs already when it is made, and lets waiting tasks go when it is raised', async () => {
    const running = await start([[aRecord('long', 'a', 1_500)]]);
    await until('it to run', async () =>
      taskOf(await engine.runs.getRun(running.id), 'long')?.status === 'processing' ? true : undefined,
    );
    const limit = await limits.setLimit('component:test-record', 1);
    expect(limit.running.map(({ taskId }) => taskId)).toEqual(['tsk_long']);
    const next = await start([[aRecord('next', 'b', 10)]]);
    expect(await waitingFor(next.id, 'next')).toMatchObject({ kind: 'limit', key: 'component:test-record' });
    await limits.setLimit('component:test-record', 2);
    expect((await engine.ended(next.id)).status).toBe('success');
    expect((await engine.runs.getRun(running.id)).status).toBe('processing');
    await engine.ended(running.id);
  });
});

describe('a hold', () => {
  it('lets nothing with its key start until it is released', async () => {
    await limits.hold('component:test-record', { reason: 'the warehouse moves' }, operator);
    const { id } = await start([[aRecord('held')]]);
    expect(await waitingFor(id, 'held')).toMatchObject({
      kind: 'hold',
      key: 'component:test-record',
      holders: [],
    });
    expect((await limits.getLimit('component:test-record')).hold).toMatchObject({
      reason: 'the warehouse moves',
      by: { name: 'Ada' },
    });
    await limits.release('component:test-record');
    expect((await engine.ended(id)).status).toBe('success');
    await expect(limits.release('component:test-record')).rejects.toThrow(/Nobody holds/);
  });

  it('ends by itself at its instant', async () => {
    const until = new Date(Date.now() + 300).toISOString();
    await limits.hold('component:test-record', { reason: 'a moment', until }, operator);
    const { id } = await start([[aRecord('held')]]);
    await waitingFor(id, 'held');
    await new Promise((resolve) => setTimeout(resolve, 400));
    await engine.granter.tell(await sweepLeases(engine.database.db));
    expect((await engine.ended(id)).status).toBe('success');
  });
});

describe('a task that waits', () => {
  it('gives up its place when its run is cancelled, and was never run', async () => {
    await limits.hold('component:test-record', { reason: 'x' }, operator);
    const { id } = await start([[aRecord('held')]]);
    await waitingFor(id, 'held');
    await engine.runs.cancelRun(id, {});
    const ended = await engine.ended(id);
    expect([ended.status, taskOf(ended, 'held')?.status]).toEqual(['terminated', 'notRun']);
    await limits.release('component:test-record');
  });

  it('goes on when the run that had its key is terminated in Temporal', async () => {
    const shared = await aConfiguration(engine.database.db, 'test-record', { name: 'a', ms: 2_000 });
    const first = await start([[ofConfiguration('first', shared)]]);
    await until('the first to run', async () =>
      taskOf(await engine.runs.getRun(first.id), 'first')?.status === 'processing' ? true : undefined,
    );
    const second = await start([[ofConfiguration('second', shared)]]);
    await waitingFor(second.id, 'second');
    await engine.client.workflow.getHandle(first.id).terminate('by hand');
    const later = new Date(Date.now() + 60_000);
    await reconcileRuns({ ...engine, db: engine.database.db }, createLogger('test', 'silent'), later);
    expect((await engine.runs.getRun(first.id)).status).toBe('terminated');
    // Its work may still be going on.
    expect(await sweepLeases(engine.database.db)).toEqual([]);
    expect((await engine.runs.getRun(second.id)).phases[0]?.status).toBe('waiting');
    await engine.granter.tell(await sweepLeases(engine.database.db, 0));
    expect((await engine.ended(second.id)).status).toBe('success');
  });
});

describe('a paused run', () => {
  it('lets running tasks finish, starts no new one, and goes on when it is resumed', async () => {
    const { id } = await start([[aRecord('one', 'a', 300)], [aRecord('two')]]);
    await until('the first task', async () =>
      taskOf(await engine.runs.getRun(id), 'one')?.status === 'processing' ? true : undefined,
    );
    expect((await engine.runs.pauseRun(id, true)).paused).toBe(true);
    await until('its end', async () =>
      taskOf(await engine.runs.getRun(id), 'one')?.status === 'success' ? true : undefined,
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    const paused = await engine.runs.getRun(id);
    expect([paused.status, taskOf(paused, 'two')?.status]).toEqual(['processing', 'pending']);
    await engine.runs.pauseRun(id, false);
    expect((await engine.ended(id)).status).toBe('success');
    await expect(engine.runs.pauseRun(id, true)).rejects.toThrow(/has ended/);
  });

  it('can be cancelled', async () => {
    const { id } = await start([[aRecord('one', 'a', 300)], [aRecord('two')]]);
    await engine.runs.pauseRun(id, true);
    await engine.runs.cancelRun(id, {});
    expect((await engine.ended(id)).status).toMatch(/terminated|cancelled/);
  });
});
