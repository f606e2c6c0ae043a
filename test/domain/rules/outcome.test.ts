import fc from 'fast-check';
import { taskStatuses } from '../../../src/domain/model/run';
import {
  addTallies,
  countEnding,
  emptyTally,
  endingOf,
  mayGoOn,
  runOutcome,
  type TaskEnding,
} from '../../../src/domain/rules/outcome';

const tallyOf = (...endings: TaskEnding[]) => endings.reduce(countEnding, emptyTally);

describe('the outcome of a run', () => {
  it.each<[string, TaskEnding[]]>([
    ['success', []],
    ['success', ['succeeded', 'succeeded']],
    ['warning', ['succeeded', 'tolerated']],
    ['warning', ['warned']],
    ['error', ['failed']],
    ['error', ['tolerated', 'failed', 'warned']],
  ])('is %s after %j', (outcome, endings) => {
    expect(runOutcome(tallyOf(...endings))).toBe(outcome);
  });

  it('lets the next phase start unless a task failed or was stopped', () => {
    expect(mayGoOn(tallyOf('tolerated', 'warned', 'succeeded'))).toBe(true);
    expect(mayGoOn(tallyOf('failed'))).toBe(false);
    expect(mayGoOn(tallyOf('terminated'))).toBe(false);
  });

  it('does not depend on how tasks are divided into chunks', () => {
    const ending = fc.constantFrom<TaskEnding>('succeeded', 'warned', 'tolerated', 'failed', 'terminated');
    fc.assert(
      fc.property(fc.array(ending), fc.array(ending), (one, other) => {
        expect(addTallies(tallyOf(...one), tallyOf(...other))).toEqual(tallyOf(...one, ...other));
      }),
    );
  });

  it('counts a task by its final status, and does not count one that has none', () => {
    const counted = taskStatuses.filter((status) => endingOf(status, false) !== null);
    expect(counted).toEqual(['success', 'warning', 'error', 'cancelled', 'terminated']);
    expect(endingOf('error', true)).toBe('tolerated');
    expect(endingOf('error', false)).toBe('failed');
  });
});
