import { z } from 'zod';
import { defineComponent } from '../../src/components/component';
import { UserError } from '../../src/domain/errors';
import type { Run, RunTask } from '../../src/domain/model/run';
import { tellResolutions } from '../../src/services/runs/steer/resolve-task';
import { aTask, ada, anOrchestration } from '../support/cast';
import { startTestEngine, type TestEngine } from '../support/engine';
import { until } from '../support/until';

const picky = defineComponent({
  id: 'test-picky',
  name: 'Picky',
  type: 'other',
  description: 'Succeeds for the word "good".',
  configuration: z.strictObject({ word: z.string() }),
  examples: [{ title: 'Any', configuration: { word: 'good' } }],
  run: ({ word }) =>
    word === 'good'
      ? Promise.resolve({ message: 'Fine' })
      : Promise.reject(new UserError(`"${word}" will not do.`)),
});

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine({ components: [picky] });
});
afterAll(() => engine.close());

/** `[picky, wait] | [after]` in which the first task has failed and is parked. */
async function aRunWithAParkedTask(): Promise<string> {
  const orchestrationId = await anOrchestration(
    engine.database.db,
    [
      [
        aTask({
          id: 'picky',
          componentId: 'test-picky',
          configuration: { word: '{{parameters.word}}' },
          onExhausted: 'park',
        }),
        aTask({ id: 'wait', configuration: { seconds: 0.3 } }),
      ],
      [aTask({ id: 'after' })],
    ],
    { parameters: [{ name: 'word', default: 'bad', description: '' }] },
  );
  const { id } = await engine.runs.startRun({ orchestrationId, startedBy: ada });
  await until('the others to end', async () =>
    taskOf(await engine.runs.getRun(id), 'wait').status === 'success' ? true : undefined,
  );
  return id;
}

function taskOf(run: Run, id: string): RunTask {
  const found = run.phases.flatMap((phase) => phase.tasks).find((task) => task.id === `tsk_${id}`);
  if (found === undefined) throw new Error(`There is no task ${id}.`);
  return found;
}

const decide = (runId: string, action: 'retry' | 'skip' | 'succeed' | 'fail', rest: object = {}) =>
  engine.runs.resolveTask({ runId, taskId: 'tsk_picky' }, { action, by: ada, ...rest });

describe('a task that failed for good and is to be parked', () => {
  it('waits for a person: its phase ends, the run goes on processing, the next phase does not begin', async () => {
    const id = await aRunWithAParkedTask();
    const run = await engine.runs.getRun(id);
    expect([run.status, run.phases[0]?.status]).toEqual(['processing', 'parked']);
    expect(taskOf(run, 'picky')).toMatchObject({
      status: 'parked',
      finishedAt: null,
      error: { message: '"bad" will not do.', type: 'user' },
      parkedAt: expect.any(String) as string,
    });
    expect(taskOf(run, 'after').status).toBe('pending');
    await decide(id, 'fail');
    await engine.ended(id);
  });

  it('runs again with other parameters, and the run ends well', async () => {
    const id = await aRunWithAParkedTask();
    await decide(id, 'retry', { parameters: { word: 'good' }, note: 'wrong word' });
    const ended = await engine.ended(id);
    expect(ended.status).toBe('success');
    expect(taskOf(ended, 'picky')).toMatchObject({
      status: 'success',
      error: null,
      parkedAt: null,
      resolution: { action: 'retry', note: 'wrong word', by: { name: 'Ada' } },
    });
  });

  it('is parked again when it fails again', async () => {
    const id = await aRunWithAParkedTask();
    await decide(id, 'retry', { parameters: { word: 'worse' } });
    await until('it to be parked again', async () => {
      const task = taskOf(await engine.runs.getRun(id), 'picky');
      return task.status === 'parked' && task.error?.message.includes('worse') === true ? true : undefined;
    });
    await decide(id, 'succeed');
    expect((await engine.ended(id)).status).toBe('success');
  });

  it.each([
    ['skip', 'warning', 'skipped', 'success'],
    ['succeed', 'success', 'success', 'success'],
    ['fail', 'error', 'error', 'notRun'],
  ] as const)('that is told to %s leaves the run as %s', async (action, status, task, after) => {
    const id = await aRunWithAParkedTask();
    await decide(id, action);
    const ended = await engine.ended(id);
    expect([ended.status, taskOf(ended, 'picky').status, taskOf(ended, 'after').status]).toEqual([
      status,
      task,
      after,
    ]);
  });

  it('is decided on once', async () => {
    const id = await aRunWithAParkedTask();
    const both = await Promise.allSettled([decide(id, 'succeed'), decide(id, 'fail')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await engine.ended(id);
    await expect(decide(id, 'retry')).rejects.toThrow(/is not parked/);
  });

  it('fails when nobody decides within seven days', async () => {
    const id = await aRunWithAParkedTask();
    await engine.database.db
      .updateTable('run_tasks')
      .set({ parked_at: new Date(Date.now() - 7 * 86_400_000) })
      .where('run_id', '=', id)
      .where('task_id', '=', 'tsk_picky')
      .execute();
    // What the workflow's timer does then.
    await engine.engine.grantTask(id, 'tsk_picky');
    const ended = await engine.ended(id);
    expect([ended.status, taskOf(ended, 'picky').error?.message]).toEqual(['error', '"bad" will not do.']);
  });

  it('is told later when the run was not reached', async () => {
    const id = await aRunWithAParkedTask();
    await engine.database.db
      .updateTable('run_tasks')
      .set({ status: 'success', finished_at: new Date(), resolution_pending: true })
      .where('run_id', '=', id)
      .where('task_id', '=', 'tsk_picky')
      .execute();
    await tellResolutions({ db: engine.database.db, engine: engine.engine });
    expect((await engine.ended(id)).status).toBe('success');
  });

  it('keeps its error when its run is cancelled', async () => {
    const id = await aRunWithAParkedTask();
    await engine.runs.cancelRun(id, {});
    const ended = await engine.ended(id);
    expect([ended.status, taskOf(ended, 'picky').status]).toEqual(['terminated', 'terminated']);
    expect(taskOf(ended, 'picky').error?.message).toBe('"bad" will not do.');
  });
});
