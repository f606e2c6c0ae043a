import { loadPlannedTasks } from '../../store/run-tasks/load-tasks';
import type { TaskRef, TasksSlice } from '../../workflows/messages';
import type { ActivityDependencies } from '../dependencies';

/** Loads a slice of a phase that is too large for the plan. *Idempotent:* reads what is fixed when the run is created. */
export function createLoadTasks({ db }: Pick<ActivityDependencies, 'db'>) {
  return (slice: TasksSlice): Promise<readonly TaskRef[]> => loadPlannedTasks(db, slice);
}
