import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporal } from '@temporalio/proto';
import { aWait, ada, anOrchestration } from '../../support/cast';
import { startTestEngine, type TestEngine } from '../../support/engine';
import type { Task } from '../../../src/domain/model/orchestration';

const fails = { seconds: 0, outcome: 'userError' };

/** One run of each kind. */
const kinds: Readonly<Record<string, readonly (readonly Task[])[]>> = {
  'success-in-two-phases': [
    [aWait('a', { seconds: 0 }), aWait('b', { seconds: 0 })],
    [aWait('c', { seconds: 0 })],
  ],
  'failure-and-tolerated-failure': [
    [aWait('a', fails, { continueOnFailure: true })],
    [aWait('b', fails)],
    [aWait('c', { seconds: 0 })],
  ],
};

/** Runs each kind once, and keeps its history. Run by jest because it needs the suite's services. */
export async function recordHistories(folder: string): Promise<void> {
  const engine = await startTestEngine();
  try {
    await mkdir(folder, { recursive: true });
    for (const [kind, phases] of Object.entries(kinds)) {
      const orchestrationId = await anOrchestration(engine.database.db, phases);
      const { id } = await engine.runs.startRun({ orchestrationId, startedBy: ada });
      await engine.ended(id);
      await keep(engine, id, join(folder, `${kind}.binpb`));
    }
    const orchestrationId = await anOrchestration(engine.database.db, [[aWait('a', { seconds: 60 })]]);
    const { id } = await engine.runs.startRun({ orchestrationId, startedBy: ada });
    await engine.runs
      .startRun({ orchestrationId, startedBy: ada })
      .then((waiting) => engine.runs.cancelRun(waiting.id, {}));
    await engine.runs.cancelRun(id, {});
    await engine.ended(id);
    await keep(engine, id, join(folder, 'cancelled.binpb'));
  } finally {
    await engine.close();
  }
}

async function keep(engine: TestEngine, runId: string, path: string): Promise<void> {
  const handle = engine.client.workflow.getHandle(runId);
  await handle.result().catch(() => undefined);
  const history = await handle.fetchHistory();
  await writeFile(path, temporal.api.history.v1.History.encode(history).finish());
}
