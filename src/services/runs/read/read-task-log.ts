import { NotFoundError } from '../../../domain/errors';
import { isFinishedRun, isFinishedTask } from '../../../domain/rules/statuses';
import { changeChannels } from '../../../store/change-listener';
import { readTaskStanding } from '../../../store/run-tasks/read-standing';
import { readLog, type StoredLogLine } from '../../../store/task-log';
import type { RunDependencies } from '../dependencies';
import type { LogOptions } from '../run-services';

/** A net under lost notifications. */
const lookAgainMs = 5_000;

/**
 * The lines of a task's log, `time level message`, oldest first; with `follow` also those that are written until
 * the task has ended.
 *
 * @throws NotFoundError before the first line.
 */
export async function* readTaskLog(
  { db, changes }: Pick<RunDependencies, 'db' | 'changes'>,
  task: { readonly runId: string; readonly taskId: string },
  { attempt, follow, signal }: LogOptions,
): AsyncIterable<string> {
  const watch = changes.watch(changeChannels.logs, task.runId);
  const endWatch = changes.watch(changeChannels.tasks, task.runId);
  try {
    for (let last = '0'; !signal.aborted;) {
      // Asked before the lines are read: an end seen now means that no line comes after them.
      const standing = await readTaskStanding(db, task);
      if (standing === null) throw new NotFoundError(`Run ${task.runId} has no task ${task.taskId}.`);
      const ended = isFinishedTask(standing.task) || isFinishedRun(standing.run);
      const lines = await readLog(db, { ...task, attempt: attempt ?? null }, last);
      for (const line of lines) yield toText(line);
      last = lines.at(-1)?.id ?? last;
      if (lines.length > 0) continue;
      if (!follow || ended) return;
      await Promise.race([watch.next(lookAgainMs, signal), endWatch.next(lookAgainMs, signal)]);
    }
  } finally {
    watch.close();
    endWatch.close();
  }
}

function toText({ at, level, message }: StoredLogLine): string {
  return `${at.toISOString()} ${level} ${message.replaceAll('\n', '\n  ')}\n`;
}
