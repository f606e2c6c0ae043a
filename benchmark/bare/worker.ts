import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger, Runtime, bundleWorkflowCode } from '@temporalio/worker';
import { readConfig } from '../../src/config';
import { onProcessEnd } from '../../src/process-end';
import { createWorker } from '../../src/temporal/worker';
import * as activities from './activities';

/** A worker with exactly the product's settings, for the bare workflow. */
async function main(): Promise<void> {
  Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('WARN') });
  const config = readConfig(process.env);
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(__dirname, 'workflows.js'),
    logger: new DefaultLogger('WARN'),
  });
  const bundle = join(tmpdir(), `orchestrator-bare-${process.pid}.js`);
  await writeFile(bundle, code);
  const worker = await createWorker({
    config: config.temporal,
    workflowBundlePath: bundle,
    activities,
    slots: config.workerSlots,
  });
  onProcessEnd(() => {
    worker.stop();
  });
  await worker.run();
}

void main();
