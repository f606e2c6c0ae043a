import type { PhaseId } from '../../../src/domain/model/ids';
import type { Run } from '../../../src/domain/model/run';
import { createLimitServices } from '../../../src/services/limits';
import { aTask, aWait, ada, anOrchestration } from '../../support/cast';
import type { TestEngine } from '../../support/engine';
import { until } from '../../support/until';

/** Lets a run of some kind happen, and answers its id and those of the workflows that belong to it. */
type Kind = (engine: TestEngine) => Promise<readonly string[]>;

const fails = { seconds: 0, outcome: 'userError' };

/** Every kind of run whose workflow takes steps of its own. */
export const kinds: Readonly<Record<string, Kind>> = {
  'success-in-two-phases': (engine) =>
    runOf(engine, [[aTask({ id: 'a' }), aTask({ id: 'b' })], [aTask({ id: 'c' })]]),

  'failure-and-tolerated-failure': (engine) =>
    runOf(engine, [
      [aWait('a', fails, { continueOnFailure: true })],
      [aWait('b', fails)],
      [aTask({ id: 'c' })],
    ]),

  'cancelled-while-running': async (engine) => {
    const id = await start(engine, [[aWait('a', { seconds: 60 })]]);
    await reached(engine, id, 'processing');
    await engine.runs.cancelRun(id, {});
    return ended(engine, id);
  },

  'waits-for-the-run-before': async (engine) => {
    const orchestrationId = await anOrchestration(engine.database.db, [[aWait('a', { seconds: 0.5 })]]);
    await engine.runs.startRun({ orchestrationId, startedBy: ada });
    const second = await engine.runs.startRun({ orchestrationId, startedBy: ada });
    return ended(engine, second.id);
  },

  'cancelled-while-waiting': async (engine) => {
    const orchestrationId = await anOrchestration(engine.database.db, [[aWait('a', { seconds: 1 })]]);
    const first = await engine.runs.startRun({ orchestrationId, startedBy: ada });
    const second = await engine.runs.startRun({ orchestrationId, startedBy: ada });
    await engine.runs.cancelRun(second.id, {});
    await engine.ended(first.id);
    return ended(engine, second.id);
  },

  'paused-and-resumed': async (engine) => {
    const id = await start(engine, [[aWait('a', { seconds: 0.5 })], [aTask({ id: 'b' })]]);
    await until('a to begin', async () =>
      taskOf(await engine.runs.getRun(id), 'a') === 'processing' ? true : undefined,
    );
    await engine.runs.pauseRun(id, true);
    await until('a to end', async () =>
      taskOf(await engine.runs.getRun(id), 'a') === 'success' ? true : undefined,
    );
    await engine.runs.pauseRun(id, false);
    return ended(engine, id);
  },

  'waits-for-a-limit': async (engine) => {
    const limits = createLimitServices({ db: engine.database.db, granter: engine.granter });
    await limits.setLimit('component:job-wait', 1);
    const ids = await runOf(engine, [[aTask({ id: 'a' }), aTask({ id: 'b' }), aTask({ id: 'c' })]]);
    await limits.setLimit('component:job-wait', null);
    return ids;
  },

  'parked-and-skipped': async (engine) => {
    const id = await start(engine, [[aWait('a', fails, { onExhausted: 'park' })], [aTask({ id: 'b' })]]);
    await until('a to be parked', async () =>
      taskOf(await engine.runs.getRun(id), 'a') === 'parked' ? true : undefined,
    );
    await engine.runs.resolveTask({ runId: id, taskId: 'tsk_a' }, { action: 'skip', by: ada });
    return ended(engine, id);
  },

  'nested-run': async (engine) => {
    const orchestrationId = await anOrchestration(engine.database.db, [[aWait('inner', { seconds: 0.3 })]]);
    return runOf(engine, [
      [aTask({ id: 'a', componentId: 'orchestration', configuration: { orchestrationId } })],
    ]);
  },

  'nested-run-cancelled': async (engine) => {
    const orchestrationId = await anOrchestration(engine.database.db, [[aWait('inner', { seconds: 60 })]]);
    const task = aTask({ id: 'a', componentId: 'orchestration', configuration: { orchestrationId } });
    const id = await start(engine, [[task]]);
    await until(
      'the nested run',
      async () => (await engine.runs.listRuns({ parentRunId: id, status: 'processing', limit: 1 })).items[0],
    );
    await engine.runs.cancelRun(id, {});
    return ended(engine, id);
  },

  'phase-tried-again': async (engine) =>
    runOf(engine, [], {
      phases: [
        {
          id: 'phs_1' as PhaseId,
          name: 'One',
          tasks: [aTask({ id: 'a' }), aWait('b', fails)],
          retry: { maximumAttempts: 2, intervalSeconds: 0.1 },
        },
      ],
    }),

  'run-timed-out': (engine) => runOf(engine, [[aWait('a', { seconds: 60 })]], { timeoutMinutes: 0.01 }),

  'phase-in-chunks': async (engine) => {
    const tasks = Array.from({ length: 1_001 }, (_, n) => aTask({ id: `t${n}` }));
    const [id = ''] = await runOf(engine, [tasks]);
    return [id, `${id}.phase-0.attempt-1.from-0`];
  },
};

async function start(engine: TestEngine, ...definition: Definition): Promise<string> {
  const orchestrationId = await anOrchestration(engine.database.db, ...definition);
  return (await engine.runs.startRun({ orchestrationId, startedBy: ada })).id;
}
type Definition = Parameters<typeof anOrchestration> extends [unknown, ...infer Rest] ? Rest : never;

async function ended(engine: TestEngine, id: string): Promise<readonly string[]> {
  await engine.ended(id);
  return [id];
}

async function runOf(engine: TestEngine, ...definition: Definition): Promise<readonly string[]> {
  return ended(engine, await start(engine, ...definition));
}

async function reached(engine: TestEngine, id: string, status: Run['status']): Promise<void> {
  await until(`${id} to be ${status}`, async () =>
    (await engine.runs.getRun(id)).status === status ? true : undefined,
  );
}

function taskOf(run: Run, id: string): string | undefined {
  return run.phases.flatMap((phase) => phase.tasks).find((task) => task.id === `tsk_${id}`)?.status;
}
