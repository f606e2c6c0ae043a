import { describeProgress } from '../../src/workflows/progress';

const phase = { size: 1, tasks: null, timeoutMinutes: null, retry: null };
const plan = {
  maxParallelTasks: null,
  timeoutMinutes: null,
  phases: [
    { ...phase, name: 'Extractors', size: 2 },
    { ...phase, name: 'Transformation', size: 1 },
    { ...phase, name: 'Writers', size: 3 },
  ],
};

describe('what the Temporal Web UI shows of a run', () => {
  it('says which phase is running', () => {
    expect(describeProgress(plan, 1, 'running').split('\n')).toEqual([
      '1. Extractors: 2 tasks, done',
      '2. Transformation: 1 task, **running**',
      '3. Writers: 3 tasks, to come',
    ]);
  });

  it('says what never ran after a failure', () => {
    expect(describeProgress(plan, 1, 'failed')).toMatch(/\*\*failed\*\*\n3\. Writers: 3 tasks, not run$/);
  });

  it('shows fifty phases around the present one, with their own numbers', () => {
    const phases = Array.from({ length: 200 }, () => ({ ...phase, name: 'P' }));
    const lines = describeProgress({ ...plan, phases }, 150, 'running').split('\n');
    expect(lines).toHaveLength(50);
    expect(lines.find((line) => line.endsWith('**running**'))).toMatch(/^151\. /);
  });
});
