import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskContext, TaskLog } from '../../components/context';
import type { JsonObject } from '../../domain/model/json';
import type { TaskProgress } from '../../domain/model/run';
import { recordProgress } from '../../store/run-tasks/record-progress';
import type { AttemptRequest } from '../../store/run-tasks/attempt-answer';
import type { ActivityDependencies } from '../dependencies';

/** Progress is written at most this often. */
const progressEveryMs = 1_000;

interface TaskContextInput {
  readonly claim: AttemptRequest;
  readonly attempt: number;
  readonly parameters: JsonObject;
  readonly signal: AbortSignal;
  readonly log: TaskLog;
}

export interface OpenedTaskContext {
  readonly context: TaskContext;
  /** Removes the scratch folder and ends the writing of progress. */
  close(): Promise<void>;
}

/** Puts together what a component is given for one attempt. */
export function createTaskContext(
  dependencies: ActivityDependencies,
  input: TaskContextInput,
): OpenedTaskContext {
  const { runId, taskId, claim } = input.claim;
  const folder = join(dependencies.scratchDir, runId, `${taskId}-${claim}`);
  const progress = createProgressWriter((latest) => recordProgress(dependencies.db, input.claim, latest));
  let folderMade: Promise<string> | undefined;
  return {
    context: {
      runId,
      taskId,
      attempt: input.attempt,
      parameters: input.parameters,
      signal: input.signal,
      log: input.log,
      tables: dependencies.tables.forTask({ runId, taskId, attempt: input.attempt }),
      settings: dependencies.settings,
      scratchFolder: () => (folderMade ??= mkdir(folder, { recursive: true }).then(() => folder)),
      reportProgress: progress.report,
    },
    async close() {
      progress.close();
      if (folderMade !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Writes the last value of each second; a value that cannot be written is superseded by the next. */
function createProgressWriter(write: (progress: TaskProgress) => Promise<void>) {
  let latest: TaskProgress | undefined;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    timer = undefined;
    if (latest !== undefined) void write(latest).catch(() => undefined);
    latest = undefined;
  };
  return {
    report(progress: TaskProgress): void {
      latest = progress;
      timer ??= setTimeout(flush, progressEveryMs);
    },
    close(): void {
      clearTimeout(timer);
    },
  };
}
