import { condition, CancellationScope, defineSignal, setHandler } from '@temporalio/workflow';
import { grantedSignalName } from '../temporal/names';
import type { BeginAnswer } from './messages';
import { records } from './proxies';
import type { StopDesk } from './stop-desk';

export const grantedSignal = defineSignal(grantedSignalName);

const firstLookAgainSeconds = 15;
const slowestLookAgainSeconds = 300;

/**
 * Begins the run, when no other run of its orchestration is before it. A waiting run holds nothing: it sleeps
 * until it is signalled, and looks again by itself after a growing pause in case the signal was lost.
 */
export async function waitForTurn(
  runId: string,
  stopDesk: StopDesk,
): Promise<Exclude<BeginAnswer, { kind: 'waiting' }>> {
  let granted = false;
  setHandler(grantedSignal, () => {
    granted = true;
  });
  return CancellationScope.nonCancellable(async () => {
    let pauseSeconds = firstLookAgainSeconds;
    for (;;) {
      const answer = await records.beginRun(runId);
      if (answer.kind !== 'waiting') return answer;
      await condition(() => granted || stopDesk.isStopping, pauseSeconds * 1_000);
      if (stopDesk.isStopping) return { kind: 'cancelled' };
      granted = false;
      pauseSeconds = Math.min(pauseSeconds * 2, slowestLookAgainSeconds);
    }
  });
}
