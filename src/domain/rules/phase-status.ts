import type { TaskStatus } from '../model/run';
import { isFinishedTask } from './statuses';

/** Most telling first: what is still under way, then the worst ending. */
const underWay: readonly TaskStatus[] = ['parked', 'processing', 'waiting'];
const worstFirst: readonly TaskStatus[] = [
  'terminated',
  'error',
  'cancelled',
  'warning',
  'success',
  'notRun',
  'skipped',
];

interface TimedTask {
  readonly status: TaskStatus;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

/** What a phase of a run shows; all of it follows from its tasks. An empty phase is `skipped`. */
export function describePhase(tasks: readonly TimedTask[]): {
  status: TaskStatus;
  startedAt: string | null;
  finishedAt: string | null;
} {
  const starts = tasks.flatMap((task) => task.startedAt ?? []).sort();
  const ends = tasks.flatMap((task) => task.finishedAt ?? []).sort();
  const finished = tasks.every((task) => isFinishedTask(task.status));
  return {
    status: phaseStatus(tasks.map((task) => task.status)),
    startedAt: starts[0] ?? null,
    finishedAt: finished ? (ends.at(-1) ?? null) : null,
  };
}

function phaseStatus(statuses: readonly TaskStatus[]): TaskStatus {
  const present = new Set(statuses);
  const busy = underWay.find((status) => present.has(status));
  if (busy !== undefined) return busy;
  const ending = worstFirst.find((status) => present.has(status)) ?? 'skipped';
  if (!present.has('pending')) return ending;
  // Some tasks have ended and some have not begun: the phase is under way between two of them.
  return ending === 'skipped' ? 'pending' : 'processing';
}
