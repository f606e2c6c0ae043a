import { condition, CancellationScope, defineSignal, setHandler } from '@temporalio/workflow';
import { grantedSignalName } from '../temporal/names';
import type { BeginAnswer } from './messages';
import { records } from './proxies';
import type { StopDesk } from './stop-desk';

export const grantedSignal = defineSignal(grantedSignalName);

/**
 * The run before tells this one when it ends, and housekeeping finds one that was not told. A look by itself is for
 * what nobody has thought of: a thousand runs that look cost those that go on more than it is worth.
 */
const firstLookAgainSeconds = 900;
const slowestLookAgainSeconds = 3_600;

/**
 * Begins the run, when no other run of its orchestration is before it. A waiting run holds nothing: it sleeps
 * until it is signalled, and looks again by itself after a long and growing pause.
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
