import { NotFoundError } from '../../../domain/errors';
import type { Run, WaitingFor } from '../../../domain/model/run';
import { explainWaiting } from '../../../store/leases/explain-waiting';
import { readQueueBefore, readRun, type RunRow, type ShownTask } from '../../../store/runs/read-run';
import type { RunDependencies } from '../dependencies';
import { presentRun, type WaitingTasks } from './present-run';

type Needs = Pick<RunDependencies, 'db' | 'links'>;

/** A run with its phases and tasks. @throws NotFoundError */
export async function getRun({ db, links }: Needs, runId: string): Promise<Run> {
  const snapshot = await readRun(db, runId);
  if (snapshot === null) throw noSuchRun(runId);
  return presentRun(snapshot.run, snapshot.tasks, {
    links,
    waitingFor: await waitingForOf(db, snapshot.run),
    waitingTasks: await waitingTasksOf(db, runId, snapshot.tasks),
  });
}

export function noSuchRun(runId: string): NotFoundError {
  return new NotFoundError(`There is no run ${runId}.`);
}

/** What the waiting ones of a run's tasks wait for. */
export async function waitingTasksOf(
  db: Needs['db'],
  runId: string,
  tasks: readonly ShownTask[],
): Promise<WaitingTasks> {
  return tasks.some((task) => task.status === 'waiting') ? explainWaiting(db, runId) : new Map();
}

/** What a waiting run waits for: the runs of its orchestration that stand before it. `null` when it does not wait. */
export async function waitingForOf(db: Needs['db'], run: RunRow): Promise<WaitingFor | null> {
  if (run.status !== 'waiting') return null;
  const { active, waiting } = await readQueueBefore(db, run);
  return {
    kind: 'orchestration',
    key: run.orchestration_id,
    holders: active.map((id) => ({ runId: id, taskId: null })),
    position: waiting + 1,
    since: run.created_at.toISOString(),
  };
}
