import type { Run, RunTask } from '../../src/domain/model/run';
import type { Task } from '../../src/domain/model/orchestration';
import { createLogger } from '../../src/logger';
import { createNestedRuns } from '../../src/services/runs/start/nested-runs';
import { reconcileRuns } from '../../src/services/runs/steer/reconcile-runs';
import { newId } from '../../src/store/new-id';
import { findComponent } from '../../src/components/registry';
import { aConfiguration, aTask, aWait, ada, anOrchestration } from '../support/cast';
import { startTestEngine, type TestEngine } from '../support/engine';
import { until } from '../support/until';

const slots = 10;
let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine({ slots });
});
afterAll(() => engine.close());

const aNested = (id: string, orchestrationId: string, settings: Partial<Omit<Task, 'id'>> = {}): Task =>
  aTask({ id, componentId: 'orchestration', configuration: { orchestrationId }, ...settings });
const define = (phases: readonly (readonly Task[])[], settings: object = {}) =>
  anOrchestration(engine.database.db, phases, settings);
const start = (orchestrationId: string) => engine.runs.startRun({ orchestrationId, startedBy: ada });

function taskOf(run: Run, id: string): RunTask {
  const found = run.phases.flatMap((phase) => phase.tasks).find((task) => task.id === `tsk_${id}`);
  if (found === undefined) throw new Error(`There is no task ${id}.`);
  return found;
}

/** The run that is the work of a task, when it is as far as `status`. */
const nestedRunOf = (runId: string, id: string, status = 'processing') =>
  until(`the nested run of ${id} to be ${status}`, async () => {
    const { nestedRunId } = taskOf(await engine.runs.getRun(runId), id);
    if (nestedRunId === null) return undefined;
    const nested = await engine.runs.getRun(nestedRunId).catch(() => undefined);
    return nested?.status === status ? nested : undefined;
  });

describe('a task that is an orchestration', () => {
  it('is a run of its own, and ends as that run ends', async () => {
    const inner = await define([[aTask({ id: 'work' })]], { name: 'Inner' });
    const { id } = await start(await define([[aNested('nested', inner)], [aTask({ id: 'after' })]]));
    const run = await engine.ended(id);
    expect(run.status).toBe('success');
    const { nestedRunId, result } = taskOf(run, 'nested');
    expect(result?.message).toBe(`Run ${nestedRunId} of "Inner" ended: success.`);
    const nested = await engine.runs.getRun(nestedRunId ?? '');
    expect(nested).toMatchObject({
      status: 'success',
      parent: { runId: id, taskId: 'tsk_nested' },
      startedBy: { type: 'orchestration', name: 'Opportunities' },
    });
    expect(await engine.runs.readTree(id)).toMatchObject({
      run: { id },
      nested: [{ run: { id: nestedRunId }, nested: [] }],
    });
    expect((await engine.runs.listRuns({ parentRunId: id, limit: 10 })).items).toHaveLength(1);
  });

  it('hands parameters on', async () => {
    const inner = await define([[aWait('work', { seconds: 0, message: 'For {{parameters.day}}' })]], {
      parameters: [{ name: 'day', description: '' }],
    });
    const outer = await define(
      [
        [
          aNested('nested', inner, {
            configuration: { orchestrationId: inner, parameters: { day: '{{parameters.d}}' } },
          }),
        ],
      ],
      { parameters: [{ name: 'd', default: 'Monday', description: '' }] },
    );
    const { id } = await start(outer);
    const run = await engine.ended(id);
    const nested = await engine.runs.getRun(taskOf(run, 'nested').nestedRunId ?? '');
    expect(taskOf(nested, 'work').result?.message).toBe('For Monday');
  });

  it('fails when the nested run ends with a warning (story 12), and is not tried again', async () => {
    const inner = await define([
      [aWait('bad', { seconds: 0, outcome: 'userError' }, { continueOnFailure: true })],
    ]);
    const retry = {
      maximumAttempts: 3,
      initialIntervalSeconds: 0,
      backoffCoefficient: 1,
      maximumIntervalSeconds: 1,
    };
    const { id } = await start(
      await define([[aNested('nested', inner, { retry })], [aTask({ id: 'after' })]]),
    );
    const run = await engine.ended(id);
    expect(run.status).toBe('error');
    expect(taskOf(run, 'nested')).toMatchObject({
      status: 'error',
      attempt: 1,
      error: { code: 'NESTED_RUN_WARNED', type: 'user' },
    });
    expect(taskOf(run, 'after').status).toBe('notRun');
  });

  it('leaves a warning when its failure is tolerated', async () => {
    const inner = await define([[aWait('bad', { seconds: 0, outcome: 'userError', message: 'No sheet.' })]]);
    const outer = await define([
      [aNested('nested', inner, { continueOnFailure: true })],
      [aTask({ id: 'after' })],
    ]);
    const run = await engine.ended((await start(outer)).id);
    expect([run.status, taskOf(run, 'after').status]).toEqual(['warning', 'success']);
    expect(taskOf(run, 'nested').error?.message).toContain('bad: No sheet.');
  });

  it('is refused when the nested orchestration is disabled', async () => {
    const inner = await define([[aTask({ id: 'work' })]], { enabled: false });
    const run = await engine.ended((await start(await define([[aNested('nested', inner)]]))).id);
    expect(taskOf(run, 'nested').error?.code).toBe('ORCHESTRATION_DISABLED');
  });

  it('waits for its turn when the nested orchestration runs already', async () => {
    const inner = await define([[aWait('work', { seconds: 0.5 })]]);
    const first = await start(inner);
    const { id } = await start(await define([[aNested('one', inner), aNested('two', inner)]]));
    expect((await engine.ended(id)).status).toBe('success');
    expect((await engine.runs.getRun(first.id)).status).toBe('success');
  });

  it('is started once, however often its start is repeated', async () => {
    const inner = await define([[aWait('work', { seconds: 0.3 })]]);
    const outer = await start(await define([[aWait('long', { seconds: 3 })]]));
    await until('it to begin', async () =>
      (await engine.runs.getRun(outer.id)).status === 'processing' ? true : undefined,
    );
    const nestedRuns = createNestedRuns({ db: engine.database.db, engine: engine.engine, findComponent });
    const parent = { runId: outer.id, taskId: 'tsk_long', workflowId: outer.id };
    const request = { runId: newId('run'), orchestrationId: inner, parameters: {}, parent };
    await nestedRuns.ensure(request);
    await nestedRuns.ensure(request);
    expect((await engine.runs.listRuns({ parentRunId: outer.id, limit: 10 })).items).toHaveLength(1);
    await engine.ended(outer.id);
    await engine.ended(request.runId);
  });
});

it('10 parents of nested runs do not deadlock a worker with 10 slots (story 13)', async () => {
  const outers: string[] = [];
  for (let index = 0; index < slots; index += 1) {
    const inner = await define([[aWait('work', { seconds: 0.2 })]]);
    outers.push(await define([[aNested('nested', inner)]]));
  }
  const runs = await Promise.all(outers.map(start));
  for (const { id } of runs) expect((await engine.ended(id)).status).toBe('success');
});

it('a saved configuration of it does not keep two tasks apart: the orchestration itself does', async () => {
  const inner = await define([[aWait('work', { seconds: 0.1 })]]);
  const saved = await aConfiguration(engine.database.db, 'orchestration', { orchestrationId: inner });
  const task = (id: string) => aNested(id, inner, { configurationId: saved, configuration: null });
  expect((await engine.ended((await start(await define([[task('a'), task('b')]]))).id)).status).toBe(
    'success',
  );
});

describe('stopping and pausing', () => {
  it('cancel of a parent stops nested runs of any depth (story 11)', async () => {
    const innermost = await define([[aWait('work', { seconds: 60 })]]);
    const middle = await define([[aNested('middle', innermost)]]);
    const { id } = await start(await define([[aNested('outer', middle)], [aTask({ id: 'after' })]]));
    const second = await nestedRunOf(id, 'outer');
    const third = await nestedRunOf(second.id, 'middle');
    await until('the work to begin', async () =>
      taskOf(await engine.runs.getRun(third.id), 'work').status === 'processing' ? true : undefined,
    );
    await engine.runs.cancelRun(id, {});
    const run = await engine.ended(id);
    expect(run.status).toBe('terminated');
    expect(taskOf(run, 'outer')).toMatchObject({ status: 'terminated', error: null });
    expect(taskOf(run, 'after').status).toBe('notRun');
    // Confirmed from the inside out: when the parent has ended, everything below has.
    for (const nested of [second, third]) {
      expect((await engine.runs.getRun(nested.id)).status).toBe('terminated');
    }
  });

  it('a cancelled nested run that waits for its turn has done nothing', async () => {
    const inner = await define([[aWait('work', { seconds: 60 })]]);
    const before = await start(inner);
    const { id } = await start(await define([[aNested('nested', inner)]]));
    const nested = await nestedRunOf(id, 'nested', 'waiting');
    await engine.runs.cancelRun(id, {});
    expect((await engine.ended(id)).status).toBe('terminated');
    expect((await engine.runs.getRun(nested.id)).status).toBe('cancelled');
    await engine.runs.cancelRun(before.id, {});
    await engine.ended(before.id);
  });

  it('a nested run that somebody stops alone is a failure of its task', async () => {
    const inner = await define([[aWait('work', { seconds: 60 })]]);
    const { id } = await start(await define([[aNested('nested', inner)]]));
    await engine.runs.cancelRun((await nestedRunOf(id, 'nested')).id, {});
    const run = await engine.ended(id);
    expect([run.status, taskOf(run, 'nested').error?.code]).toEqual(['error', 'NESTED_RUN_STOPPED']);
  });

  it('pause and resume of a parent reach nested runs', async () => {
    const inner = await define([[aWait('first', { seconds: 1 })], [aTask({ id: 'second' })]]);
    const { id } = await start(await define([[aNested('nested', inner)]]));
    const nested = await nestedRunOf(id, 'nested');
    await engine.runs.pauseRun(id, true);
    await until('the first task to end', async () =>
      taskOf(await engine.runs.getRun(nested.id), 'first').status === 'success' ? true : undefined,
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    const held = await engine.runs.getRun(nested.id);
    expect([held.paused, taskOf(held, 'second').status]).toEqual([true, 'pending']);
    await engine.runs.pauseRun(id, false);
    expect((await engine.ended(id)).status).toBe('success');
  });

  it('a time-out of the task stops the nested run', async () => {
    const inner = await define([[aWait('work', { seconds: 60 })]]);
    const { id } = await start(await define([[aNested('nested', inner, { timeoutMinutes: 1 / 60 })]]));
    const run = await engine.ended(id);
    expect(taskOf(run, 'nested').error?.code).toBe('TASK_TIMED_OUT');
    const nested = await engine.runs.getRun(taskOf(run, 'nested').nestedRunId ?? '');
    expect(nested.status).toBe('terminated');
  });

  it('a parent that is terminated in Temporal takes its nested runs along', async () => {
    const inner = await define([[aWait('work', { seconds: 60 })]]);
    const { id } = await start(await define([[aNested('nested', inner)]]));
    const nested = await nestedRunOf(id, 'nested');
    await engine.client.workflow.getHandle(id).terminate('a test');
    const { db } = engine.database;
    const later = new Date(Date.now() + 60_000);
    await reconcileRuns({ ...engine, db }, createLogger('test', 'silent'), later);
    expect((await engine.runs.getRun(id)).status).toBe('terminated');
    expect((await engine.ended(nested.id)).status).toBe('terminated');
  });
});

describe('nesting that cannot be', () => {
  it('an orchestration that runs itself, over others, is refused at the start', async () => {
    const a = await define([[aTask({ id: 'work' })]], { name: 'A' });
    const b = await define([[aNested('a', a)]], { name: 'B' });
    const content = { phases: [{ id: 'phs_1', name: 'One', tasks: [aNested('b', b)] }] };
    await engine.database.db
      .updateTable('orchestration_versions')
      .set((eb) => ({
        content: eb.val(JSON.stringify({ name: 'A', enabled: true, parameters: [], limits: {}, ...content })),
      }))
      .where('orchestration_id', '=', a)
      .execute();
    await expect(start(a)).rejects.toThrow(
      'Orchestrations would run each other in a circle: "A" runs "B" runs "A".',
    );
  });

  it('more than five below one another are refused at the start', async () => {
    let id = await define([[aTask({ id: 'work' })]], { name: 'O6' });
    for (const name of ['O5', 'O4', 'O3', 'O2', 'O1']) id = await define([[aNested('next', id)]], { name });
    const tooDeep = await define([[aNested('next', id)]], { name: 'O0' });
    await expect(start(tooDeep)).rejects.toThrow('Orchestrations can be nested 5 deep');
    expect((await engine.ended((await start(id)).id)).status).toBe('success');
  });
});
