import { z } from 'zod';
import { defineComponent } from '../../src/components/component';
import { UserError } from '../../src/domain/errors';
import type { PhaseId, TaskId } from '../../src/domain/model/ids';
import type { Run } from '../../src/domain/model/run';
import { aTask, ada, anOrchestration } from '../support/cast';
import { startTestEngine, type TestEngine } from '../support/engine';

/** Fails while it is in here. */
const broken = new Set<string>();
const executed: string[] = [];
const patient = defineComponent({
  id: 'test-patient',
  name: 'Patient',
  type: 'other',
  description: 'Fails until it is mended.',
  configuration: z.strictObject({ name: z.string() }),
  examples: [{ title: 'Any', configuration: { name: 'a' } }],
  run({ name }) {
    executed.push(name);
    if (broken.has(name)) return Promise.reject(new UserError(`${name} is broken.`));
    return Promise.resolve({ message: `${name} is well` });
  },
});

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine({ components: [patient] });
});
afterAll(() => engine.close());
beforeEach(() => {
  broken.clear();
  executed.length = 0;
});

const task = (name: string) =>
  aTask({ id: name, componentId: 'test-patient', configuration: { name: `${name}{{parameters.suffix}}` } });

/** `[a, b] | [c, d] | [e]` in which `d` is broken. */
async function aRunThatFailedInPhaseTwo(): Promise<Run> {
  const orchestrationId = await anOrchestration(
    engine.database.db,
    [[task('a'), task('b')], [task('c'), task('d')], [task('e')]],
    { parameters: [{ name: 'suffix', default: '', description: '' }] },
  );
  broken.add('d');
  const { id } = await engine.runs.startRun({ orchestrationId, startedBy: ada });
  const ended = await engine.ended(id);
  expect(ended.status).toBe('error');
  broken.clear();
  executed.length = 0;
  return ended;
}

const tasksOf = (run: Run) => run.phases.flatMap((phase) => phase.tasks);
const ids = (...names: string[]) => names.map((name) => `tsk_${name}` as TaskId);
const original = { mode: 'failed', definition: 'original', startedBy: ada } as const;

describe('a retry', () => {
  it('runs what failed and what came after, and reuses the rest', async () => {
    const old = await aRunThatFailedInPhaseTwo();
    expect(await engine.runs.preselectRetry(old.id)).toEqual(ids('d', 'e'));
    const { id } = await engine.runs.retryRun(old.id, original);
    const ended = await engine.ended(id);
    expect([ended.status, ended.retryOf]).toEqual(['success', old.id]);
    expect(executed).toEqual(['d', 'e']);
    expect(tasksOf(ended).map(({ status, reusedFrom }) => [status, reusedFrom])).toEqual([
      ['skipped', old.id],
      ['skipped', old.id],
      ['skipped', old.id],
      ['success', null],
      ['success', null],
    ]);
  });

  it('says beforehand what it would do, and why, and starts nothing', async () => {
    const old = await aRunThatFailedInPhaseTwo();
    const plan = await engine.runs.planRetry(old.id, original);
    expect(plan).toMatchObject({ willRun: ids('d', 'e'), notRun: [], newTasks: [] });
    expect(plan.reused).toEqual(ids('a', 'b', 'c').map((taskId) => ({ taskId, runId: old.id })));
    expect(plan.reasons).toMatchObject({
      tsk_a: 'Its result of that run stands (success).',
      tsk_d: 'It is chosen; in that run it was error.',
    });
    expect(
      (await engine.runs.listRuns({ orchestrationId: old.orchestrationId, limit: 10 })).items,
    ).toHaveLength(1);
  });

  it('runs chosen tasks, or all from a phase on', async () => {
    const old = await aRunThatFailedInPhaseTwo();
    const chosen = await engine.runs.retryRun(old.id, { ...original, mode: 'selected', taskIds: ids('a') });
    const ended = await engine.ended(chosen.id);
    expect(executed).toEqual(['a']);
    expect(tasksOf(ended).map(({ status }) => status)).toEqual([
      'success',
      'skipped',
      'skipped',
      'skipped',
      'skipped',
    ]);
    executed.length = 0;
    const phaseId = 'phs_2' as PhaseId;
    const rest = await engine.runs.retryRun(old.id, { ...original, mode: 'fromPhase', phaseId });
    await engine.ended(rest.id);
    expect([...executed].sort()).toEqual(['c', 'd', 'e']);
  });

  it('of a retry reuses the results of the first run', async () => {
    const old = await aRunThatFailedInPhaseTwo();
    broken.add('e');
    const second = await engine.runs.retryRun(old.id, original);
    expect((await engine.ended(second.id)).status).toBe('error');
    broken.clear();
    executed.length = 0;
    const third = await engine.runs.retryRun(second.id, original);
    const ended = await engine.ended(third.id);
    expect(executed).toEqual(['e']);
    expect(tasksOf(ended).map(({ reusedFrom }) => reusedFrom)).toEqual([
      old.id,
      old.id,
      old.id,
      second.id,
      null,
    ]);
  });

  it('of today has the tasks of today: new ones run', async () => {
    const old = await aRunThatFailedInPhaseTwo();
    const { db } = engine.database;
    const { content } = await db
      .selectFrom('orchestration_versions')
      .select('content')
      .where('orchestration_id', '=', old.orchestrationId)
      .executeTakeFirstOrThrow();
    const [first, ...phases] = content.phases;
    const changed = { ...content, phases: [{ ...first, tasks: [task('a'), task('n')] }, ...phases] };
    await db
      .updateTable('orchestration_versions')
      .set({ content: JSON.stringify(changed) })
      .where('orchestration_id', '=', old.orchestrationId)
      .execute();
    const current = { ...original, definition: 'current' } as const;
    const plan = await engine.runs.planRetry(old.id, current);
    expect(plan).toMatchObject({ willRun: ids('n', 'd', 'e'), newTasks: ids('n') });
    const { id } = await engine.runs.retryRun(old.id, current);
    expect((await engine.ended(id)).status).toBe('success');
    expect(executed).toEqual(['n', 'd', 'e']);
  });

  it('takes other parameters', async () => {
    const old = await aRunThatFailedInPhaseTwo();
    const { id } = await engine.runs.retryRun(old.id, { ...original, parameters: { suffix: '-2' } });
    expect((await engine.ended(id)).parameters).toEqual({ suffix: '-2' });
    expect(executed).toEqual(['d-2', 'e-2']);
  });

  it('is refused while the run is under way, and for tasks that are not there', async () => {
    const old = await aRunThatFailedInPhaseTwo();
    const unknown = { ...original, mode: 'selected', taskIds: ids('zzz') } as const;
    await expect(engine.runs.retryRun(old.id, unknown)).rejects.toThrow(/do not exist/);
    const orchestrationId = await anOrchestration(engine.database.db, [
      [aTask({ id: 'long', configuration: { seconds: 60 } })],
    ]);
    const running = await engine.runs.startRun({ orchestrationId, startedBy: ada });
    await expect(engine.runs.retryRun(running.id, original)).rejects.toThrow(/has not ended/);
    await engine.runs.cancelRun(running.id, {});
    await engine.ended(running.id);
  });
});
