import type { Phase, Task } from '../model/orchestration';

/** A task of a run, and whether it is to run. */
export interface PlannedTask {
  readonly task: Task;
  readonly phaseIndex: number;
  readonly position: number;
  readonly willRun: boolean;
}

/**
 * Which tasks of an orchestration a run executes: all enabled ones, or exactly the chosen ones (a disabled one
 * may be chosen). Phases and order stay.
 *
 * @param chosen ids of the chosen tasks; `null` for all enabled ones.
 */
export function planRun(phases: readonly Phase[], chosen: readonly string[] | null): readonly PlannedTask[] {
  const wanted = chosen === null ? null : new Set<string>(chosen);
  return phases.flatMap((phase, phaseIndex) =>
    phase.tasks.map((task, position) => ({
      task,
      phaseIndex,
      position,
      willRun: wanted === null ? task.enabled : wanted.has(task.id),
    })),
  );
}

/** The chosen ids that no task has, in the order given. */
export function unknownTaskIds(phases: readonly Phase[], chosen: readonly string[]): readonly string[] {
  const known = new Set<string>(phases.flatMap((phase) => phase.tasks.map((task) => task.id)));
  return chosen.filter((id) => !known.has(id));
}
