import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporal } from '@temporalio/proto';
import { startTestEngine, type TestEngine } from '../../support/engine';
import { kinds } from './kinds';

/** Lets each kind of run happen once, and keeps its histories. Run by jest because it needs the suite's services. */
export async function recordHistories(folder: string): Promise<void> {
  const engine = await startTestEngine();
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    for (const [kind, happen] of Object.entries(kinds)) {
      const workflowIds = await happen(engine);
      for (const [index, workflowId] of workflowIds.entries()) {
        const name = index === 0 ? kind : `${kind}.part-${index}`;
        await keep(engine, workflowId, join(folder, `${name}.binpb`));
      }
    }
  } finally {
    await engine.close();
  }
}

async function keep(engine: TestEngine, workflowId: string, path: string): Promise<void> {
  const handle = engine.client.workflow.getHandle(workflowId);
  await handle.result().catch(() => undefined);
  const history = await handle.fetchHistory();
  await writeFile(path, temporal.api.history.v1.History.encode(history).finish());
}
