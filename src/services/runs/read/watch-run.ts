import { setTimeout as delay } from 'node:timers/promises';
import { isFinishedRun } from '../../../domain/rules/statuses';
import { changeChannels, type ChangeListener, type ChangeWatch } from '../../../store/change-listener';
import { readRun, type RunSnapshot, type ShownTask } from '../../../store/runs/read-run';
import type { RunDependencies } from '../dependencies';
import { noSuchRun, waitingForOf, waitingTasksOf } from './get-run';
import { presentPhases, presentSummary, presentTask, type WaitingTasks } from './present-run';
import type { RunEvent, WatchOptions } from '../run-services';

/** A net under lost notifications, and it keeps the durations moving. */
const lookAgainMs = 15_000;

type Needs = Pick<RunDependencies, 'db' | 'links' | 'changes'>;

/**
 * Follows a run: first all of it (or, after `sinceEventId`, what changed since then), then every change as it
 * happens, at last its end.
 *
 * @throws NotFoundError before the first event.
 */
export async function* watchRun(needs: Needs, runId: string, options: WatchOptions): AsyncIterable<RunEvent> {
  const { signal } = options;
  const changes = new ChangesOfRun(needs.changes, runId);
  try {
    const first = await readRun(needs.db, runId);
    if (first === null) throw noSuchRun(runId);
    const view = new RunView(needs, first);
    yield options.sinceEventId === undefined
      ? await view.whole()
      : await view.changedSince(options.sinceEventId);
    const isWatched = () => !signal.aborted;
    while (isWatched()) {
      if (view.isFinished) {
        yield { id: view.mark, event: 'end', data: await view.summary() };
        return;
      }
      await changes.next(signal);
      if (!isWatched()) return;
      const change = await view.refresh(runId);
      if (change !== null) yield change;
    }
  } finally {
    changes.close();
  }
}

/**
 * Waits for the next change worth telling: at once when the run itself changed, as it does a few times only, and
 * five times a second when its tasks did.
 */
class ChangesOfRun {
  static readonly #everyMs = 200;
  readonly #run: ChangeWatch;
  readonly #tasks: ChangeWatch;
  #toldAt = 0;

  constructor(listener: ChangeListener, runId: string) {
    this.#run = listener.watch(changeChannels.runs, runId);
    this.#tasks = listener.watch(changeChannels.tasks, runId);
  }

  async next(signal: AbortSignal): Promise<void> {
    const told = new AbortController();
    const either = AbortSignal.any([signal, told.signal]);
    try {
      await Promise.race([this.#run.next(lookAgainMs, either), this.#tasksInPace(either)]);
    } finally {
      told.abort();
      this.#toldAt = Date.now();
    }
  }

  close(): void {
    this.#run.close();
    this.#tasks.close();
  }

  async #tasksInPace(signal: AbortSignal): Promise<void> {
    await this.#tasks.next(lookAgainMs, signal);
    const leftMs = this.#toldAt + ChangesOfRun.#everyMs - Date.now();
    if (leftMs > 0) await delay(leftMs, undefined, { signal }).catch(() => undefined);
  }
}

/** What a watcher has seen of its run so far. */
class RunView {
  readonly #tasks: Map<string, ShownTask>;
  #snapshot: RunSnapshot;

  constructor(
    private readonly needs: Needs,
    first: RunSnapshot,
  ) {
    this.#snapshot = first;
    this.#tasks = new Map(first.tasks.map((task) => [task.task_id, task]));
  }

  get mark(): string {
    return this.#snapshot.mark;
  }

  get isFinished(): boolean {
    return isFinishedRun(this.#snapshot.run.status);
  }

  async summary() {
    const { run } = this.#snapshot;
    return presentSummary(run, {
      links: this.needs.links,
      waitingFor: await waitingForOf(this.needs.db, run),
    });
  }

  async whole(): Promise<RunEvent> {
    const tasks = [...this.#tasks.values()];
    const phases = presentPhases(this.#snapshot.run, tasks, await this.#waiting(tasks));
    return { id: this.mark, event: 'run', data: { ...(await this.summary()), phases } };
  }

  changedSince(mark: string): Promise<RunEvent> {
    const since = /^\d{1,19}$/.test(mark) ? BigInt(mark) : 0n;
    return this.#change([...this.#tasks.values()].filter((task) => BigInt(task.changed_xid) >= since));
  }

  /** Reads what changed; `null` when nothing did. */
  async refresh(runId: string): Promise<RunEvent | null> {
    const before = this.#snapshot;
    const next = await readRun(this.needs.db, runId, before.mark);
    if (next === null) throw noSuchRun(runId);
    // The mark is that of the oldest open transaction, so a row may be read twice.
    const changed = next.tasks.filter(
      (task) => this.#tasks.get(task.task_id)?.changed_xid !== task.changed_xid,
    );
    for (const task of changed) this.#tasks.set(task.task_id, task);
    this.#snapshot = next;
    if (changed.length === 0 && next.run.changed_xid === before.run.changed_xid) return null;
    return this.#change(changed);
  }

  #waiting(tasks: readonly ShownTask[]): Promise<WaitingTasks> {
    return waitingTasksOf(this.needs.db, this.#snapshot.run.id, tasks);
  }

  async #change(tasks: readonly ShownTask[]): Promise<RunEvent> {
    const touched = new Set(tasks.map((task) => task.phase_index));
    const waiting = await this.#waiting(tasks);
    const phases = presentPhases(this.#snapshot.run, [...this.#tasks.values()], waiting)
      .filter((_, index) => touched.has(index))
      .map(({ tasks: _tasks, ...phase }) => phase);
    return {
      id: this.mark,
      event: 'change',
      data: { run: await this.summary(), phases, tasks: tasks.map((task) => presentTask(task, waiting)) },
    };
  }
}
