import { UnavailableError } from '../../src/domain/errors';
import type { RunStatus } from '../../src/domain/model/run';
import { createLogger } from '../../src/logger';
import { stopRun } from '../../src/services/runs/steer/cancel-run';
import { reconcileRuns } from '../../src/services/runs/steer/reconcile-runs';
import { aWait, ada, anOrchestration } from '../support/cast';
import { startTestEngine, type TestEngine } from '../support/engine';
import { until } from '../support/until';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.close());

/** Two runs of one orchestration: the first goes on, the second waits for it. */
async function twoRuns(): Promise<{ first: string; second: string }> {
  const orchestrationId = await anOrchestration(engine.database.db, [[aWait('a', { seconds: 60 })]]);
  const first = await engine.runs.startRun({ orchestrationId, startedBy: ada });
  const second = await engine.runs.startRun({ orchestrationId, startedBy: ada });
  await reached(first.id, 'processing');
  await reached(second.id, 'waiting');
  return { first: first.id, second: second.id };
}
const reached = (runId: string, status: RunStatus) =>
  until(`${runId} to be ${status}`, async () =>
    (await engine.runs.getRun(runId)).status === status ? true : undefined,
  );
const housekeeping = () =>
  reconcileRuns({ ...engine, db: engine.database.db }, createLogger('test', 'silent'));

describe('housekeeping', () => {
  it('tells runs to stop when Temporal was away as they were cancelled, one that waits too', async () => {
    const { first, second } = await twoRuns();
    const { db } = engine.database;
    const away = { ...engine.engine, stop: () => Promise.reject(new UnavailableError('Temporal is away.')) };
    for (const id of [first, second]) await stopRun({ db, engine: away }, id, {});
    expect((await engine.runs.getRun(first)).status).toBe('terminating');
    await housekeeping();
    expect((await engine.ended(first)).status).toBe('terminated');
    expect(await engine.client.workflow.getHandle(second).result()).toBe('cancelled');
  });

  it('repeats no stop that was delivered', async () => {
    const { first, second } = await twoRuns();
    let stops = 0;
    const counting = {
      ...engine.engine,
      stop: () => {
        stops += 1;
        return Promise.resolve();
      },
    };
    await stopRun({ db: engine.database.db, engine: counting }, first, {});
    await reconcileRuns(
      { ...engine, db: engine.database.db, engine: counting },
      createLogger('test', 'silent'),
    );
    expect(stops).toBe(1);
    for (const id of [second, first]) await engine.engine.stop(id, { graceSeconds: 1 });
    await engine.ended(first);
    await engine.ended(second);
  });

  it('lets a waiting run begin that nobody told that its turn has come', async () => {
    const { first, second } = await twoRuns();
    await engine.client.workflow.getHandle(first).terminate('a test');
    await engine.database.db
      .updateTable('runs')
      .set({ status: 'terminated', finished_at: new Date() })
      .where('id', '=', first)
      .execute();
    await housekeeping();
    await reached(second, 'processing');
    await engine.runs.cancelRun(second, {});
    await engine.ended(second);
  });
});
