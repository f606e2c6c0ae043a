import { aWait, ada, anOrchestration } from '../support/cast';
import { startTestEngine, type TestEngine } from '../support/engine';
import type { Task } from '../../src/domain/model/orchestration';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.close());

async function run(phases: readonly (readonly Task[])[]) {
  const orchestrationId = await anOrchestration(engine.database.db, phases);
  const { id } = await engine.runs.startRun({ orchestrationId, startedBy: ada });
  return engine.ended(id);
}

const statuses = (ended: Awaited<ReturnType<typeof run>>) =>
  ended.phases.map((phase) => phase.tasks.map((task) => task.status));

const fails = { seconds: 0, outcome: 'userError', message: 'The sheet is gone.' };

describe('the outcome of a run', () => {
  it('is success when every task succeeds', async () => {
    const ended = await run([
      [aWait('a', { seconds: 0 }), aWait('b', { seconds: 0 })],
      [aWait('c', { seconds: 0 })],
    ]);
    expect(ended.status).toBe('success');
    expect(statuses(ended)).toEqual([['success', 'success'], ['success']]);
  });

  it('is error when a task fails: its siblings go on to their own end, later phases never start (story 1)', async () => {
    const ended = await run([
      [aWait('a', fails), aWait('b', { seconds: 0.5 })],
      [aWait('c', { seconds: 0 })],
    ]);
    expect(ended.status).toBe('error');
    expect(statuses(ended)).toEqual([['error', 'success'], ['notRun']]);
    const [a, b] = ended.phases[0]?.tasks ?? [];
    expect(a?.error).toEqual({
      code: 'WAIT_USER_ERROR',
      message: 'The sheet is gone.',
      type: 'user',
      attempt: 1,
    });
    expect(b?.durationMs).toBeGreaterThanOrEqual(500);
    expect(ended.phases[1]?.tasks[0]).toMatchObject({ startedAt: null, finishedAt: null, durationMs: null });
  });

  it('is warning when the failure is tolerated, and the next phase runs (story 2)', async () => {
    const ended = await run([[aWait('a', fails, { continueOnFailure: true })], [aWait('c', { seconds: 0 })]]);
    expect(ended.status).toBe('warning');
    expect(statuses(ended)).toEqual([['error'], ['success']]);
  });

  it('is error when one failure is tolerated and one is not (story 3)', async () => {
    const ended = await run([
      [aWait('a', fails, { continueOnFailure: true }), aWait('b', fails)],
      [aWait('c', { seconds: 0 })],
    ]);
    expect(ended.status).toBe('error');
    expect(statuses(ended)).toEqual([['error', 'error'], ['notRun']]);
  });

  it('counts only enabled tasks, and passes a phase over that has none', async () => {
    const ended = await run([[aWait('a', fails, { enabled: false })], [aWait('b', { seconds: 0 })]]);
    expect(ended.status).toBe('success');
    expect(statuses(ended)).toEqual([['skipped'], ['success']]);
  });
});
