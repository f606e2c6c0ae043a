import { ConflictError, UnavailableError } from '../../../domain/errors';
import type { Run } from '../../../domain/model/run';
import { isFinishedRun } from '../../../domain/rules/statuses';
import { confirmStop, requestStop } from '../../../store/runs/stop-run';
import type { RunDependencies } from '../dependencies';
import { getRun, noSuchRun } from '../read/get-run';

/** How long running tasks have to confirm a cancel, when the caller does not say. */
export const defaultGraceSeconds = 60;

/**
 * Asks a run to stop. One that has not begun is `cancelled` at once; a running one is `terminating` until its
 * tasks have confirmed. The wish is kept: while Temporal is away, the reconciler delivers it later. Idempotent.
 *
 * @throws NotFoundError, ConflictError when the run has ended.
 */
export async function cancelRun(
  dependencies: RunDependencies,
  runId: string,
  options: StopOptions,
): Promise<Run> {
  await stopRun(dependencies, runId, options);
  return getRun(dependencies, runId);
}

interface StopOptions {
  readonly graceSeconds?: number | undefined;
}

/** What `cancelRun` does, without an answer. */
export async function stopRun(
  dependencies: Pick<RunDependencies, 'db' | 'engine'>,
  runId: string,
  { graceSeconds = defaultGraceSeconds }: StopOptions,
): Promise<void> {
  const before = await requestStop(dependencies.db, runId, graceSeconds);
  if (before === null) throw noSuchRun(runId);
  if (isFinishedRun(before)) {
    throw new ConflictError(`Run ${runId} has ended (${before}); there is nothing to cancel.`, {
      code: 'RUN_ENDED',
    });
  }
  try {
    await dependencies.engine.stop(runId, { graceSeconds });
    await confirmStop(dependencies.db, runId);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
  }
}
