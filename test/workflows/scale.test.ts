import { aWait, ada, anOrchestration } from '../support/cast';
import { startTestEngine, type TestEngine } from '../support/engine';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.close());

async function run(phases: Parameters<typeof anOrchestration>[1], maxParallelTasks: number | null = null) {
  const orchestrationId = await anOrchestration(engine.database.db, phases, { limits: { maxParallelTasks } });
  const { id } = await engine.runs.startRun({ orchestrationId, startedBy: ada });
  return engine.ended(id, 480_000);
}

const many = (count: number, seconds: number) =>
  Array.from({ length: count }, (_, n) => aWait(`t${n}`, { seconds }));

it('ten thousand tasks of one phase end well (story 16)', async () => {
  const ended = await run([many(10_000, 0)]);
  expect(ended.status).toBe('success');
  expect(new Set(ended.phases[0]?.tasks.map((task) => task.status))).toEqual(new Set(['success']));
}, 500_000);

it('never more tasks of a run are under way than its limit', async () => {
  const ended = await run([many(12, 0.2)], 3);
  const tasks = ended.phases[0]?.tasks ?? [];
  const at = (instant: number) =>
    tasks.filter(
      ({ startedAt, finishedAt }) =>
        Date.parse(startedAt ?? '') <= instant && instant < Date.parse(finishedAt ?? ''),
    ).length;
  const busiest = Math.max(...tasks.map(({ startedAt }) => at(Date.parse(startedAt ?? ''))));
  expect(busiest).toBe(3);
});
