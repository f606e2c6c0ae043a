import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { testTemporal } from '../../support/temporal';

const folder = join(__dirname, 'histories');

/** Histories of runs that were recorded by `npm run replay:record`; today's workflows must take the same steps. */
it('every stored history is replayed by today’s workflows', async () => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.binpb'));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const history = temporal.api.history.v1.History.decode(await readFile(join(folder, name)));
    const workflowBundle = { codePath: testTemporal().workflowBundlePath };
    await Worker.runReplayHistory({ workflowBundle, replayName: name }, history);
  }
});
