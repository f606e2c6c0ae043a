import { finishRun } from '../../store/runs/finish-run';
import type { FinishAnswer, FinishInput } from '../../workflows/messages';
import type { ActivityDependencies } from '../dependencies';

/** Writes the end of a run, and hands on what its tasks had. *Idempotent:* a run that has ended keeps its end. */
export function createFinishRun({ db, granter }: Pick<ActivityDependencies, 'db' | 'granter'>) {
  return async ({ runId, status, error }: FinishInput): Promise<FinishAnswer> => {
    const { releasedKeys, ...end } = await finishRun(db, runId, {
      status,
      error,
      givenUp: {
        code: 'STOP_NOT_CONFIRMED',
        message:
          'The task did not confirm within the grace period that its work has stopped. Its work may still be going on.',
        type: 'application',
        attempt: 0,
      },
    });
    void granter.handOn(releasedKeys);
    return end;
  };
}
