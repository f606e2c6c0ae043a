import { proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities';

const { doNothing } = proxyActivities<typeof activities>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '5s',
});

/** The least that Temporal needs for phases in sequence with parallel activities: no record, no rules, no product. */
export async function barePhases(phases: number, tasks: number): Promise<void> {
  for (let phase = 0; phase < phases; phase += 1) {
    await Promise.all(Array.from({ length: tasks }, () => doNothing()));
  }
}
