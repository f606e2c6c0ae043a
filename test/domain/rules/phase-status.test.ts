import type { TaskStatus } from '../../../src/domain/model/run';
import { describePhase } from '../../../src/domain/rules/phase-status';

const task = (status: TaskStatus, startedAt: string | null = null, finishedAt: string | null = null) => ({
  status,
  startedAt,
  finishedAt,
});

describe('the status of a phase', () => {
  it.each<[TaskStatus, TaskStatus[]]>([
    ['skipped', []],
    ['skipped', ['skipped', 'skipped']],
    ['pending', ['pending', 'pending']],
    ['pending', ['pending', 'skipped']],
    ['processing', ['pending', 'success']],
    ['processing', ['processing', 'error']],
    ['parked', ['parked', 'processing']],
    ['success', ['success', 'skipped']],
    ['warning', ['success', 'warning']],
    ['error', ['error', 'warning', 'success']],
    ['terminated', ['terminated', 'error', 'success']],
    ['notRun', ['notRun', 'notRun']],
  ])('is %s for %j', (status, statuses) => {
    expect(describePhase(statuses.map((each) => task(each))).status).toBe(status);
  });

  it('reaches from the first start to the last end, and has no end while a task goes on', () => {
    const ended = [
      task('success', '2026-01-01T00:00:02Z', '2026-01-01T00:00:05Z'),
      task('error', '2026-01-01T00:00:01Z', '2026-01-01T00:00:03Z'),
    ];
    expect(describePhase(ended)).toMatchObject({
      startedAt: '2026-01-01T00:00:01Z',
      finishedAt: '2026-01-01T00:00:05Z',
    });
    expect(describePhase([...ended, task('processing', '2026-01-01T00:00:01Z')]).finishedAt).toBeNull();
  });
});
