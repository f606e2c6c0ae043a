import { aWait, ada, anOrchestration } from '../support/cast';
import { startTestEngine, type TestEngine } from '../support/engine';
import { json, startHttpServer } from '../support/http-server';
import { until } from '../support/until';
import type { Run, TaskStatus } from '../../src/domain/model/run';
import type { OrchestrationContent } from '../../src/store/migrations/0001-definitions';
import type { Task } from '../../src/domain/model/orchestration';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.close());

type Phases = readonly (readonly Task[])[];

async function start(phases: Phases, settings: Partial<OrchestrationContent> = {}) {
  const orchestrationId = await anOrchestration(engine.database.db, phases, settings);
  return engine.runs.startRun({ orchestrationId, startedBy: ada });
}

const run = async (phases: Phases, settings: Partial<OrchestrationContent> = {}) =>
  engine.ended((await start(phases, settings)).id);
const tasksOf = (ended: Run) => ended.phases.flatMap((phase) => phase.tasks);
const statusesOf = (ended: Run) => tasksOf(ended).map((task) => task.status);
const reached = (runId: string, status: TaskStatus) =>
  until(`a task to be ${status}`, async () =>
    statusesOf(await engine.runs.getRun(runId)).includes(status) ? true : undefined,
  );

const retryTwice = {
  maximumAttempts: 3,
  initialIntervalSeconds: 0.05,
  backoffCoefficient: 1,
  maximumIntervalSeconds: 1,
};

describe('an attempt', () => {
  it('that failed for the application is repeated by the policy; one that failed for the user is not', async () => {
    const ended = await run([
      [
        aWait('a', { seconds: 0, outcome: 'applicationError' }, { retry: retryTwice }),
        aWait('b', { seconds: 0, outcome: 'userError' }, { retry: retryTwice }),
      ],
    ]);
    expect(tasksOf(ended).map(({ attempt, error }) => [attempt, error?.type, error?.attempt])).toEqual([
      [3, 'application', 3],
      [1, 'user', 1],
    ]);
  });

  it('is stopped when the task passes its time-out, pauses between attempts included', async () => {
    const pause = {
      maximumAttempts: 100,
      initialIntervalSeconds: 60,
      backoffCoefficient: 1,
      maximumIntervalSeconds: 60,
    };
    const ended = await run([
      [
        aWait('a', { seconds: 60 }, { timeoutMinutes: 0.01 }),
        aWait('b', { seconds: 0, outcome: 'applicationError' }, { timeoutMinutes: 0.01, retry: pause }),
      ],
      [aWait('c', { seconds: 0 })],
    ]);
    expect(ended.status).toBe('error');
    expect(tasksOf(ended).map(({ status, error }) => [status, error?.code])).toEqual([
      ['error', 'TASK_TIMED_OUT'],
      ['error', 'TASK_TIMED_OUT'],
      ['notRun', undefined],
    ]);
  });

  it('is not used up when its worker stops in the middle', async () => {
    const { id } = await start([[aWait('a', { seconds: 8 })]]);
    await reached(id, 'processing');
    await engine.stopWorker();
    await engine.startWorker();
    const ended = await engine.ended(id);
    expect(tasksOf(ended)[0]).toMatchObject({ status: 'success', attempt: 1 });
  });

  it('gets the values of its parameters: the run over the task over the default', async () => {
    const message = '{{parameters.a}} {{parameters.b}} {{parameters.c}}';
    const orchestrationId = await anOrchestration(
      engine.database.db,
      [[aWait('a', { seconds: 0, message }, { parameters: { b: 'task', c: 'task' } })]],
      { parameters: ['a', 'b', 'c'].map((name) => ({ name, default: 'default', description: '' })) },
    );
    const { id } = await engine.runs.startRun({ orchestrationId, startedBy: ada, parameters: { c: 'run' } });
    expect(tasksOf(await engine.ended(id))[0]?.result?.message).toBe('default task run');
  });
});

describe('the start of a run', () => {
  const start = (orchestrationId: string, rest = {}) =>
    engine.runs.startRun({ orchestrationId, startedBy: ada, ...rest });

  it('runs exactly the chosen tasks, a disabled one too', async () => {
    const orchestrationId = await anOrchestration(engine.database.db, [
      [aWait('a', { seconds: 0 }), aWait('b', { seconds: 0 }, { enabled: false })],
    ]);
    const { id } = await start(orchestrationId, { taskIds: ['tsk_b'] });
    expect(statusesOf(await engine.ended(id))).toEqual(['skipped', 'success']);
  });

  it('is refused when nothing is left to run, a task is unknown, or values are missing, and leaves nothing behind', async () => {
    const orchestrationId = await anOrchestration(engine.database.db, [
      [aWait('a', { seconds: 0, message: '{{parameters.x}} {{parameters.y}}' }, { enabled: false })],
    ]);
    await expect(start(orchestrationId)).rejects.toMatchObject({ code: 'NOTHING_TO_RUN' });
    await expect(start(orchestrationId, { taskIds: ['tsk_z'] })).rejects.toThrow(/no task tsk_z/);
    await expect(start(orchestrationId, { taskIds: ['tsk_a'], parameters: { z: 1 } })).rejects.toThrow(
      /"x".*"y".*"z"/,
    );
    expect((await engine.runs.listRuns({ orchestrationId, limit: 10 })).items).toEqual([]);
  });

  it('of a disabled orchestration is a person’s right, and refused for what runs unattended', async () => {
    const orchestrationId = await anOrchestration(engine.database.db, [[aWait('a', { seconds: 0 })]], {
      enabled: false,
    });
    await expect(start(orchestrationId, { unattended: true })).rejects.toMatchObject({
      code: 'ORCHESTRATION_DISABLED',
    });
    expect((await engine.ended((await start(orchestrationId)).id)).status).toBe('success');
  });

  it('of the same orchestration waits for the one before, and says for which (story 5)', async () => {
    const orchestrationId = await anOrchestration(engine.database.db, [[aWait('a', { seconds: 1.5 })]]);
    const [first, second] = [await start(orchestrationId), await start(orchestrationId)];
    const waiting = await until('the second run to wait', async () => {
      const found = await engine.runs.getRun(second.id);
      return found.status === 'waiting' ? found : undefined;
    });
    expect(waiting.waitingFor).toMatchObject({
      kind: 'orchestration',
      key: orchestrationId,
      holders: [{ runId: first.id }],
      position: 1,
    });
    const [one, two] = [await engine.ended(first.id), await engine.ended(second.id)];
    expect([one.status, two.status]).toEqual(['success', 'success']);
    expect(Date.parse(two.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(one.finishedAt ?? ''));
  });

  it('is refused by the overlap policy "skip", and takes the place of the running one by "cancelRunning"', async () => {
    const slow: Phases = [[aWait('a', { seconds: 30 })]];
    const skipping = await anOrchestration(engine.database.db, slow, { overlap: 'skip' });
    const only = await start(skipping);
    await expect(start(skipping)).rejects.toMatchObject({ code: 'OVERLAP_SKIPPED' });
    await engine.runs.cancelRun(only.id, {});
    const replacing = await anOrchestration(engine.database.db, slow, { overlap: 'cancelRunning' });
    const first = await start(replacing);
    await reached(first.id, 'processing');
    const second = await start(replacing);
    expect((await engine.ended(first.id)).status).toBe('terminated');
    await reached(second.id, 'processing');
    await engine.runs.cancelRun(second.id, {});
    await engine.ended(second.id);
  });

  it('fixes what it runs: a later edit changes nothing (story 6)', async () => {
    const orchestrationId = await anOrchestration(engine.database.db, [
      [aWait('a', { seconds: 1, message: 'old' })],
    ]);
    const { id } = await start(orchestrationId);
    await engine.database.db.deleteFrom('orchestrations').where('id', '=', orchestrationId).execute();
    expect(tasksOf(await engine.ended(id))[0]?.result?.message).toBe('old');
  });
});

describe('a cancel', () => {
  it('of a waiting run ends it before anything was done (story 11)', async () => {
    const orchestrationId = await anOrchestration(engine.database.db, [[aWait('a', { seconds: 3 })]]);
    const first = await engine.runs.startRun({ orchestrationId, startedBy: ada });
    const second = await engine.runs.startRun({ orchestrationId, startedBy: ada });
    const cancelled = await engine.runs.cancelRun(second.id, {});
    expect([cancelled.status, cancelled.startedAt, statusesOf(cancelled)]).toEqual([
      'cancelled',
      null,
      ['notRun'],
    ]);
    expect((await engine.ended(first.id)).status).toBe('success');
    await expect(engine.runs.cancelRun(second.id, {})).rejects.toMatchObject({ code: 'RUN_ENDED' });
  });

  it('of a running one stops its tasks within ten seconds; what ended keeps its end, what did not begin is not run (story 11)', async () => {
    const { id } = await start([
      [aWait('a', { seconds: 0 }), aWait('b', { seconds: 60 })],
      [aWait('c', { seconds: 0 })],
    ]);
    await reached(id, 'success');
    const cancelledAt = Date.now();
    expect((await engine.runs.cancelRun(id, {})).status).toBe('terminating');
    const ended = await engine.ended(id);
    expect(Date.now() - cancelledAt).toBeLessThan(10_000);
    expect([ended.status, ...statusesOf(ended)]).toEqual(['terminated', 'success', 'terminated', 'notRun']);
  });

  it('that comes from Temporal itself ends the run in the same way', async () => {
    const { id } = await start([[aWait('a', { seconds: 60 })]]);
    await reached(id, 'processing');
    await engine.client.workflow.getHandle(id).cancel();
    expect(statusesOf(await engine.ended(id))).toEqual(['terminated']);
  });

  it('stops the remote job that a task has started', async () => {
    const server = await startHttpServer((request, response) => {
      json(response, 200, { id: 'j1', status: 'running', asked: request.method });
    });
    const job = aWait(
      'a',
      {
        request: { method: 'POST', url: `${server.url}/jobs` },
        poll: {
          url: `${server.url}/jobs/{{jobId}}`,
          intervalSeconds: 0.1,
          idPath: 'id',
          statusPath: 'status',
          successValues: ['done'],
          failureValues: ['failed'],
        },
        cancel: { method: 'DELETE', url: `${server.url}/jobs/{{jobId}}` },
      },
      { componentId: 'job-http' },
    );
    const { id } = await start([[job]]);
    await until('the job to be looked at', () => server.received.find((request) => request.method === 'GET'));
    await engine.runs.cancelRun(id, {});
    expect((await engine.ended(id)).status).toBe('terminated');
    expect(server.received.filter((request) => request.method === 'DELETE').map(({ path }) => path)).toEqual([
      '/jobs/j1',
    ]);
    await server.close();
  });
});

describe('a run in Temporal', () => {
  it('is found by its orchestration, and shows the names of its orchestration and tasks', async () => {
    const { id, orchestrationId } = await run([[aWait('Load accounts', { seconds: 0 })]]);
    await until('the run to be found', async () => {
      for await (const found of engine.client.workflow.list({
        query: `OrchestrationId = '${orchestrationId}' and OrchestrationName = 'Opportunities'`,
      }))
        return found.workflowId === id ? true : undefined;
      return undefined;
    });
    const { events } = await engine.client.workflow.getHandle(id).fetchHistory();
    const summaries = (events ?? []).map((event) =>
      Buffer.from(event.userMetadata?.summary?.data ?? []).toString(),
    );
    expect(summaries.some((summary) => summary.includes('Opportunities, started by Ada'))).toBe(true);
    expect(summaries).toContain('"Load accounts"');
  });
});

describe('the watch of a run', () => {
  it('tells all of it, then what changes, then its end', async () => {
    const { id } = await start([[aWait('a', { seconds: 0.4 })], [aWait('b', { seconds: 0.4 })]]);
    const seen: string[] = [];
    const marks: string[] = [];
    for await (const { id: mark, event } of engine.runs.watchRun(id, {
      signal: AbortSignal.timeout(20_000),
    })) {
      seen.push(event);
      marks.push(mark);
    }
    expect([seen[0], seen.at(-1)]).toEqual(['run', 'end']);
    expect(seen.filter((event) => event === 'change').length).toBeGreaterThanOrEqual(2);
    const [again] = [
      engine.runs.watchRun(id, { signal: AbortSignal.timeout(5_000), sinceEventId: marks.at(-1) }),
    ];
    const repeated: string[] = [];
    for await (const { event } of again) repeated.push(event);
    expect(repeated).toEqual(['change', 'end']);
  });

  it('of a log follows it to the task’s end', async () => {
    const { id } = await start([[aWait('a', { seconds: 0.5, message: 'Rested.' })]]);
    const lines: string[] = [];
    for await (const line of engine.runs.readTaskLog(id, 'tsk_a', {
      follow: true,
      signal: AbortSignal.timeout(20_000),
    }))
      lines.push(line);
    expect(lines.map((line) => line.replace(/^\S+ /, '').trim())).toEqual([
      'info Attempt 1 of 1 begins.',
      'info Rested.',
    ]);
  });
});
