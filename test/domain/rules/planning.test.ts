import fc from 'fast-check';
import type { PhaseId } from '../../../src/domain/model/ids';
import { planChunks } from '../../../src/domain/rules/phase-chunks';
import { planRun, unknownTaskIds } from '../../../src/domain/rules/plan-run';
import { retryDelayMs } from '../../../src/domain/rules/retry-delay';
import { aTask } from '../../support/cast';

const phases = [
  { id: 'phs_1' as PhaseId, name: 'One', tasks: [aTask({ id: 'a' }), aTask({ id: 'b', enabled: false })] },
  { id: 'phs_2' as PhaseId, name: 'Two', tasks: [aTask({ id: 'c' })] },
];
const chosen = (ids: string[] | null) =>
  planRun(phases, ids).flatMap(({ task, willRun }) => (willRun ? task.name : []));

describe('the plan of a run', () => {
  it('has all enabled tasks when none is chosen', () => {
    expect(chosen(null)).toEqual(['a', 'c']);
  });

  it('has exactly the chosen tasks, a disabled one too, in the order of the phases', () => {
    expect(chosen(['tsk_c', 'tsk_b'])).toEqual(['b', 'c']);
  });

  it('knows which chosen tasks do not exist', () => {
    expect(unknownTaskIds(phases, ['tsk_a', 'tsk_x'])).toEqual(['tsk_x']);
  });
});

describe('the chunks of a large phase', () => {
  it('hold every task once and never more in flight than the limit', () => {
    const limits = fc.option(fc.integer({ min: 1, max: 500 }), { nil: null });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), limits, (size, limit) => {
        const { chunks, parallelChunks, window } = planChunks(size, limit);
        const ends = chunks.map((chunk) => chunk.offset + chunk.size);
        expect(chunks.map((chunk) => chunk.offset)).toEqual(
          [0, ...ends.slice(0, -1)].slice(0, chunks.length),
        );
        expect(ends.at(-1) ?? 0).toBe(size);
        expect(parallelChunks * window).toBeLessThanOrEqual(limit ?? 500);
        expect(window).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});

describe('the pause before the next attempt', () => {
  const policy = {
    maximumAttempts: 5,
    initialIntervalSeconds: 2,
    backoffCoefficient: 2,
    maximumIntervalSeconds: 10,
  };

  it('doubles up to its maximum', () => {
    expect([1, 2, 3, 4].map((failures) => retryDelayMs(policy, failures))).toEqual([
      2_000, 4_000, 8_000, 10_000,
    ]);
  });

  it('is at least what the other side asked for', () => {
    expect(retryDelayMs(policy, 1, 60_000)).toBe(60_000);
  });
});
