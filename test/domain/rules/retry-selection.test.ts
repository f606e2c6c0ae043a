import type { TaskStatus } from '../../../src/domain/model/run';
import { retrySelection } from '../../../src/domain/rules/retry-selection';

/** Phases of statuses; tasks are named a, b, c… in order. */
function tasksOf(phases: readonly (readonly TaskStatus[])[]) {
  let next = 0;
  return phases.flatMap((statuses, phaseIndex) =>
    statuses.map((status) => ({ taskId: 'abcdefgh'.charAt(next++), phaseIndex, status })),
  );
}

describe('the tasks that a retry chooses by itself (story 7)', () => {
  it.each<[string, Parameters<typeof retrySelection>[0], TaskStatus[][], string]>([
    ['all of a run that succeeded', 'success', [['success', 'success'], ['success']], 'abc'],
    [
      'what failed and what never ran, not its sibling',
      'error',
      [
        ['success', 'error'],
        ['notRun', 'notRun'],
      ],
      'bcd',
    ],
    [
      'everything after a tolerated failure',
      'warning',
      [['success'], ['error', 'success'], ['success']],
      'bd',
    ],
    [
      'a later failure, and not what succeeded before it',
      'error',
      [['success'], ['success'], ['error']],
      'c',
    ],
    ['what was terminated', 'terminated', [['success', 'terminated'], ['notRun']], 'bc'],
    [
      'nothing that was left out',
      'error',
      [
        ['skipped', 'error'],
        ['skipped', 'notRun'],
      ],
      'bd',
    ],
    ['a warning of its own', 'warning', [['warning', 'success'], ['success']], 'ac'],
    ['all of a run that was cancelled', 'cancelled', [['notRun'], ['notRun']], 'ab'],
  ])('are %s', (_, status, phases, expected) => {
    expect(retrySelection(status, tasksOf(phases)).join('')).toBe(expected);
  });
});
