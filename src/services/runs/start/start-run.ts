import type { Run } from '../../../domain/model/run';
import type { RunDependencies } from '../dependencies';
import { getRun } from '../read/get-run';
import { launchRun } from './launch-run';
import { planStart } from './plan-start';
import { toRunRow, toTaskRows } from './run-rows';
import type { StartRunRequest } from '../run-services';

/**
 * Starts a run of an orchestration as it is now.
 *
 * @throws NotFoundError, ConflictError (disabled, or refused by `overlap`), ValidationError (nothing to run, missing
 * configurations or parameters), UnavailableError (Temporal is away; nothing is left behind).
 */
export async function startRun(dependencies: RunDependencies, request: StartRunRequest): Promise<Run> {
  const { findComponent } = dependencies;
  const planned = await planStart(dependencies, request);
  const run = toRunRow(planned, request);
  await launchRun(dependencies, {
    run,
    tasks: toTaskRows(run.id, planned, { findComponent, given: request.parameters ?? {} }),
    overlap: planned.definition.content.overlap,
    startedBy: request.startedBy.name,
  });
  return getRun(dependencies, run.id);
}
