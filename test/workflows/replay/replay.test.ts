import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { temporal } from '@temporalio/proto';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { testTemporal } from '../../support/temporal';
import { kinds } from './kinds';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const folder = join(__dirname, 'histories');

/** Histories of runs that were recorded by `npm run replay:record`; today's workflows must take the same steps. */
it('every stored history is replayed by today’s workflows', async () => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.binpb'));
  for (const kind of Object.keys(kinds)) expect(names).toContain(`${kind}.binpb`);
  for (const name of names) {
    const history = temporal.api.history.v1.History.decode(await readFile(join(folder, name)));
    const workflowBundle = { codePath: testTemporal().workflowBundlePath };
    await Worker.runReplayHistory({ workflowBundle, replayName: name }, history);
  }
}, 60_000);
