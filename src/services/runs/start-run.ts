import { ConflictError, UnavailableError } from '../../domain/errors';
import type { OverlapPolicy } from '../../domain/model/orchestration';
import type { Run } from '../../domain/model/run';
import { createRun, withdrawRun, type OpenRun } from '../../store/runs/create-run';
import { cancelRun } from './cancel-run';
import type { RunDependencies } from './dependencies';
import { getRun } from './get-run';
import { planStart } from './plan-start';
import { toRunRow, toTaskRows } from './run-rows';
import type { StartRunRequest } from './run-services';

/**
 * Starts a run: its row and its tasks first, then its workflow under the same id. While Temporal is away nothing
 * is left behind.
 *
 * @throws NotFoundError, ConflictError (disabled, or refused by `overlap`), ValidationError (nothing to run, missing
 * configurations or parameters), UnavailableError (Temporal is away).
 */
export async function startRun(dependencies: RunDependencies, request: StartRunRequest): Promise<Run> {
  const { db, engine, findComponent } = dependencies;
  const planned = await planStart(dependencies, request);
  const { definition } = planned;
  const run = toRunRow(planned, request);
  const tasks = toTaskRows(run.id, planned, { findComponent, given: request.parameters ?? {} });
  let superseded: readonly OpenRun[] = [];
  await createRun(db, run, tasks, (open) => {
    superseded = admit(definition.content.overlap, definition.content.name, open);
  });
  try {
    await engine.start({
      runId: run.id,
      orchestrationId: definition.id,
      orchestrationName: definition.content.name,
      startedBy: request.startedBy.name,
    });
  } catch (error) {
    const withdrawn = await withdrawRun(db, run.id);
    // A start that timed out may have gone through: a run that has begun meanwhile stays.
    if (withdrawn || !(error instanceof UnavailableError)) throw error;
  }
  for (const { id } of superseded) await cancelUnlessEnded(dependencies, id);
  return getRun(dependencies, run.id);
}

/** Whether one more run may start, by the orchestration's policy. Answers the runs that it supersedes. */
function admit(overlap: OverlapPolicy, name: string, open: readonly OpenRun[]): readonly OpenRun[] {
  const [first] = open;
  if (first === undefined) return [];
  switch (overlap) {
    case 'queue':
      return [];
    case 'cancelRunning':
      return open;
    case 'skip':
      throw new ConflictError(
        `Run ${first.id} of "${name}" has not ended, and its overlap policy is "skip". Wait for it, or cancel it.`,
        { code: 'OVERLAP_SKIPPED' },
      );
    case 'bufferOne':
      if (open.length < 2) return [];
      throw new ConflictError(
        `Run ${first.id} of "${name}" has not ended and another one waits already; its overlap policy is "bufferOne".`,
        { code: 'OVERLAP_BUFFER_FULL' },
      );
  }
}

async function cancelUnlessEnded(dependencies: RunDependencies, runId: string): Promise<void> {
  try {
    await cancelRun(dependencies, runId, {});
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}
