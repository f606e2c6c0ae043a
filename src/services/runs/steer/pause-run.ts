import { ConflictError, UnavailableError } from '../../../domain/errors';
import type { Run } from '../../../domain/model/run';
import { isFinishedRun } from '../../../domain/rules/statuses';
import { listOpenNestedRuns } from '../../../store/runs/nested-runs';
import { confirmPaused, setPaused } from '../../../store/runs/pause-run';
import type { RunDependencies } from '../dependencies';
import { getRun, noSuchRun } from '../read/get-run';

/**
 * Lets running tasks of a run, and of those nested in it, finish and starts no new one, or goes on. The wish is kept: while Temporal is away,
 * the reconciler delivers it later. Idempotent.
 *
 * @throws NotFoundError, ConflictError when the run has ended or is being stopped.
 */
export async function pauseRun(
  dependencies: RunDependencies,
  runId: string,
  isPaused: boolean,
): Promise<Run> {
  const { db, engine, granter } = dependencies;
  const { status, releasedKeys } = await setPaused(db, runId, isPaused);
  if (status === null) throw noSuchRun(runId);
  if (isFinishedRun(status) || status === 'terminating') {
    throw new ConflictError(
      `Run ${runId} ${status === 'terminating' ? 'is being stopped' : `has ended (${status})`}; it cannot be ${isPaused ? 'paused' : 'resumed'}.`,
      { code: 'RUN_ENDED' },
    );
  }
  await granter.handOn(releasedKeys);
  try {
    await tellPaused({ db, engine }, runId, isPaused);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
  }
  for (const nestedId of await listOpenNestedRuns(db, runId)) {
    await pauseUnlessEnded(dependencies, nestedId, isPaused);
  }
  return getRun(dependencies, runId);
}

async function pauseUnlessEnded(
  dependencies: RunDependencies,
  runId: string,
  isPaused: boolean,
): Promise<void> {
  try {
    await pauseRun(dependencies, runId, isPaused);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}

/** Tells a run's workflow, and remembers that it was told. */
export async function tellPaused(
  { db, engine }: Pick<RunDependencies, 'db' | 'engine'>,
  runId: string,
  isPaused: boolean,
): Promise<void> {
  await engine.pause(runId, isPaused);
  await confirmPaused(db, runId, isPaused);
}
