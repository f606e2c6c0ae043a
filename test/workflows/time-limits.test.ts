import { z } from 'zod';
import { defineComponent } from '../../src/components/component';
import { TransientError } from '../../src/domain/errors';
import type { PhaseId } from '../../src/domain/model/ids';
import type { Phase, Task } from '../../src/domain/model/orchestration';
import type { Run, RunTask } from '../../src/domain/model/run';
import { createLimitServices } from '../../src/services/limits';
import { aTask, aWait, ada, anOrchestration } from '../support/cast';
import { startTestEngine, type TestEngine } from '../support/engine';
import { until } from '../support/until';

/** Fails as often as it is told, by name; remembers the order of its work. */
const left = new Map<string, number>();
const order: string[] = [];
const flaky = defineComponent({
  id: 'test-flaky',
  name: 'Flaky',
  type: 'other',
  description: 'Fails some times.',
  configuration: z.strictObject({ name: z.string(), message: z.string().optional() }),
  examples: [{ title: 'Any', configuration: { name: 'a' } }],
  run({ name, message = 'Not yet' }) {
    order.push(name);
    const failures = left.get(name) ?? 0;
    left.set(name, failures - 1);
    return failures > 0 ? Promise.reject(new TransientError(message)) : Promise.resolve({ message: 'Done' });
  },
});

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine({ components: [flaky] });
});
afterAll(() => engine.close());
beforeEach(() => {
  left.clear();
  order.length = 0;
});

const aPhase = (number: number, tasks: Task[], settings: Partial<Phase> = {}): Phase => ({
  id: `phs_${number}` as PhaseId,
  name: `Phase ${number}`,
  tasks,
  ...settings,
});
const aFlaky = (id: string, settings: Partial<Omit<Task, 'id'>> = {}): Task =>
  aTask({ id, componentId: 'test-flaky', configuration: { name: id }, ...settings });

async function start(phases: Phase[], settings: object = {}): Promise<string> {
  const orchestrationId = await anOrchestration(engine.database.db, [], { phases, ...settings });
  return (await engine.runs.startRun({ orchestrationId, startedBy: ada })).id;
}
function taskOf(run: Run, id: string): RunTask {
  const found = run.phases.flatMap((phase) => phase.tasks).find((task) => task.id === `tsk_${id}`);
  if (found === undefined) throw new Error(`There is no task ${id}.`);
  return found;
}

describe('a time-out', () => {
  it('of a phase stops its tasks and fails the run', async () => {
    const tasks = [aWait('long', { seconds: 60 }), aTask({ id: 'short' })];
    const id = await start([aPhase(1, tasks, { timeoutMinutes: 0.02 }), aPhase(2, [aTask({ id: 'after' })])]);
    const run = await engine.ended(id);
    expect(run).toMatchObject({ status: 'error', error: { code: 'PHASE_TIMED_OUT' } });
    expect(run.error?.message).toBe(
      'Phase "Phase 1" took longer than its time-out of 0.02 minutes; its work was stopped.',
    );
    expect(taskOf(run, 'long')).toMatchObject({ status: 'terminated', error: { code: 'PHASE_TIMED_OUT' } });
    expect([taskOf(run, 'short').status, taskOf(run, 'after').status]).toEqual(['success', 'notRun']);
  });

  it('of a run counts over its phases, and one that is kept harms nothing', async () => {
    const kept = await start([aPhase(1, [aTask({ id: 'a' })], { timeoutMinutes: 1 })], { timeoutMinutes: 1 });
    expect(await engine.ended(kept)).toMatchObject({ status: 'success', error: null });
    const phases = [aPhase(1, [aWait('a', { seconds: 1 })]), aPhase(2, [aWait('b', { seconds: 60 })])];
    const run = await engine.ended(await start(phases, { timeoutMinutes: 0.03 }));
    expect(run).toMatchObject({ status: 'error', error: { code: 'RUN_TIMED_OUT' } });
    expect([taskOf(run, 'a').status, taskOf(run, 'b').status]).toEqual(['success', 'terminated']);
  });
});

describe('the retry of a phase', () => {
  it('runs its failed tasks again, and only those', async () => {
    left.set('bad', 2);
    const phase = aPhase(1, [aFlaky('good'), aFlaky('bad')], {
      retry: { maximumAttempts: 3, intervalSeconds: 0.1 },
    });
    const run = await engine.ended(await start([phase, aPhase(2, [aFlaky('after')])]));
    expect(run.status).toBe('success');
    expect([run.phases[0]?.attempt, run.phases[1]?.attempt]).toEqual([3, 1]);
    expect(order.filter((name) => name === 'good')).toHaveLength(1);
    expect(order.filter((name) => name === 'bad')).toHaveLength(3);
    expect(taskOf(run, 'bad')).toMatchObject({ status: 'success', error: null });
  });

  it('comes after the attempts of the tasks, and ends with the last failure', async () => {
    left.set('bad', 99);
    const retry = {
      maximumAttempts: 2,
      initialIntervalSeconds: 0,
      backoffCoefficient: 1,
      maximumIntervalSeconds: 1,
    };
    const phase = aPhase(1, [aFlaky('bad', { retry })], {
      retry: { maximumAttempts: 2, intervalSeconds: 0 },
    });
    const run = await engine.ended(await start([phase, aPhase(2, [aFlaky('after')])]));
    expect([run.status, taskOf(run, 'after').status]).toEqual(['error', 'notRun']);
    expect(order).toEqual(['bad', 'bad', 'bad', 'bad']);
  });

  it('leaves tolerated failures alone', async () => {
    left.set('tolerated', 99);
    const tasks = [aFlaky('tolerated', { continueOnFailure: true })];
    const run = await engine.ended(
      await start([aPhase(1, tasks, { retry: { maximumAttempts: 5, intervalSeconds: 0 } })]),
    );
    expect(run.status).toBe('warning');
    expect(order).toEqual(['tolerated']);
  });
});

it('retryOn repeats the named errors, of either kind, and no others', async () => {
  const retry = {
    maximumAttempts: 3,
    initialIntervalSeconds: 0,
    backoffCoefficient: 1,
    maximumIntervalSeconds: 1,
  };
  const userError = { seconds: 0, outcome: 'userError', message: 'Quota exceeded for today.' };
  left.set('other', 99);
  const run = await engine.ended(
    await start([
      aPhase(1, [
        aWait('quota', userError, { retry: { ...retry, retryOn: ['quota EXCEEDED'] } }),
        aFlaky('other', { retry: { ...retry, retryOn: ['deadlock', 'quota exceeded'] } }),
      ]),
    ]),
  );
  expect(taskOf(run, 'quota')).toMatchObject({ status: 'error', attempt: 3 });
  expect(taskOf(run, 'other')).toMatchObject({ status: 'error', attempt: 1 });
});

it('where tasks wait for the same limit, those of the more urgent run go first', async () => {
  const limits = createLimitServices({ db: engine.database.db, granter: engine.granter });
  await limits.setLimit('component:test-flaky', 1);
  await limits.hold('component:test-flaky', { reason: 'a test' }, { ...ada, type: 'user', role: 'operator' });
  const ids = [
    await start([aPhase(1, [aFlaky('low')])], { priority: -5 }),
    await start([aPhase(1, [aFlaky('usual')])]),
    await start([aPhase(1, [aFlaky('high')])], { priority: 5 }),
  ];
  for (const id of ids) {
    await until('it to wait', async () =>
      (await engine.runs.getRun(id)).phases[0]?.status === 'waiting' ? true : undefined,
    );
  }
  await limits.release('component:test-flaky');
  for (const id of ids) await engine.ended(id);
  expect(order).toEqual(['high', 'usual', 'low']);
  await limits.setLimit('component:test-flaky', null);
});
