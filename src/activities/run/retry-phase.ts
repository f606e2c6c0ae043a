import { maxTasksPerWorkflow } from '../../domain/rules/phase-chunks';
import { loadPlannedTasks } from '../../store/run-tasks/load-tasks';
import { retryPhase } from '../../store/run-tasks/retry-phase';
import type { PhaseAttempt, TasksToRun } from '../../workflows/messages';
import type { ActivityDependencies } from '../dependencies';

/** Lets the failed tasks of a phase begin anew, and answers them. *Idempotent* by the number of the attempt. */
export function createRetryPhase({ db }: Pick<ActivityDependencies, 'db'>) {
  return async (phase: PhaseAttempt): Promise<TasksToRun> => {
    const size = await retryPhase(db, phase);
    const tasks =
      size > maxTasksPerWorkflow ? null : await loadPlannedTasks(db, { ...phase, offset: 0, size });
    return { size, tasks };
  };
}
