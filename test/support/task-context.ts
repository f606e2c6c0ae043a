import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TaskContext, TaskTables } from '../../src/components/context';
import type { JsonObject } from '../../src/domain/model/json';

export interface TestTaskContext {
  readonly context: TaskContext;
  /** `level message` of each line so far. */
  readonly lines: readonly string[];
  /** The export folder and the scratch folder are below it. */
  readonly folder: string;
  close(): Promise<void>;
}

interface TestTaskContextOptions {
  readonly tables?: TaskTables;
  readonly signal?: AbortSignal;
  readonly parameters?: JsonObject;
  readonly attempt?: number;
  readonly httpJobAllowedHosts?: readonly string[];
}

/** What a component is given, on a folder of the test's own. */
export async function aTaskContext(options: TestTaskContextOptions = {}): Promise<TestTaskContext> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-task-'));
  const lines: string[] = [];
  const log = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  return {
    lines,
    folder,
    context: {
      runId: 'run_1',
      taskId: 'tsk_1',
      attempt: options.attempt ?? 1,
      parameters: options.parameters ?? {},
      signal: options.signal ?? new AbortController().signal,
      log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
      tables: options.tables ?? ({} as TaskTables),
      settings: {
        exportDir: join(folder, 'export'),
        httpJobAllowedHosts: options.httpJobAllowedHosts ?? ['127.0.0.1'],
      },
      scratchFolder: () => mkdtemp(join(folder, 'scratch-')),
      reportProgress: () => undefined,
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
