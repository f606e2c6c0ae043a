import { ConflictError, UnavailableError } from '../../../domain/errors';
import type { OverlapPolicy } from '../../../domain/model/orchestration';
import {
  createRun,
  withdrawRun,
  type NewRun,
  type NewRunTask,
  type OpenRun,
} from '../../../store/runs/create-run';
import { stopRun } from '../steer/cancel-run';
import type { RunDependencies } from '../dependencies';

export interface RunToLaunch {
  readonly run: NewRun;
  readonly tasks: readonly NewRunTask[];
  readonly overlap: OverlapPolicy;
  /** Who starts it, as the Temporal Web UI shows it. */
  readonly startedBy: string;
}

/**
 * Brings a new run to life: its row and its tasks first, then its workflow under the same id. While Temporal is away
 * nothing is left behind.
 *
 * @throws ConflictError (refused by `overlap`), UnavailableError (Temporal is away).
 */
export async function launchRun(
  dependencies: Pick<RunDependencies, 'db' | 'engine'>,
  { run, tasks, overlap, startedBy }: RunToLaunch,
): Promise<void> {
  const { db, engine } = dependencies;
  let superseded: readonly OpenRun[] = [];
  await createRun(db, run, tasks, (open) => {
    superseded = admit(overlap, run.orchestration_name, open);
  });
  try {
    await engine.start({
      runId: run.id,
      orchestrationId: run.orchestration_id,
      orchestrationName: run.orchestration_name,
      startedBy,
    });
  } catch (error) {
    const withdrawn = await withdrawRun(db, run.id);
    // A start that timed out may have gone through: a run that has begun meanwhile stays.
    if (withdrawn || !(error instanceof UnavailableError)) throw error;
  }
  for (const { id } of superseded) await cancelUnlessEnded(dependencies, id);
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

async function cancelUnlessEnded(
  dependencies: Pick<RunDependencies, 'db' | 'engine'>,
  runId: string,
): Promise<void> {
  try {
    await stopRun(dependencies, runId, {});
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}
