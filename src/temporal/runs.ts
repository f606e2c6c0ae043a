import {
  type Client,
  ServiceError,
  type WorkflowExecutionStatusName,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  WorkflowNotFoundError,
  isGrpcServiceError,
} from '@temporalio/client';
import { SearchAttributeType, defineSearchAttributeKey } from '@temporalio/common';
import { UnavailableError } from '../domain/errors';
import type { RunInput, StopRequest } from '../workflows/messages';
import {
  grantedSignalName,
  pausedSignalName,
  runWorkflowId,
  searchAttributeNames,
  stopSignalName,
  taskGrantedSignalName,
  workflowNames,
} from './names';

/** A call that is not answered by then counts as "Temporal is away". */
const answerWithinMs = 5_000;

const orchestrationIdAttribute = keyword(searchAttributeNames.orchestrationId);
const orchestrationNameAttribute = keyword(searchAttributeNames.orchestrationName);
const runStatusAttribute = keyword(searchAttributeNames.runStatus);
const startedByAttribute = keyword(searchAttributeNames.startedBy);

export interface RunToStart {
  readonly runId: string;
  readonly orchestrationId: string;
  readonly orchestrationName: string;
  readonly startedBy: string;
}

export type RunExecution =
  | { readonly kind: 'missing' }
  | { readonly kind: 'known'; readonly temporalRunId: string; readonly status: WorkflowExecutionStatusName };

/** Runs as Temporal knows them. Every method throws `UnavailableError` while Temporal does not answer. */
export interface RunEngine {
  /** Starts the workflow of a run. Idempotent: a run that was started before is left alone. */
  start(run: RunToStart): Promise<void>;
  /** Asks a run to stop. A run that has ended, or that Temporal does not know, is left alone. */
  stop(runId: string, request: StopRequest): Promise<void>;
  /** What Temporal knows of a run now. */
  describe(runId: string): Promise<RunExecution>;
  /** Ids of the runs that go on; a second or so behind. */
  listRunning(): Promise<ReadonlySet<string>>;
  /** Tells the workflow of a waiting task that it has what it waited for. One that has ended is left alone. */
  grantTask(workflowId: string, taskId: string): Promise<void>;
  /** Tells a waiting run that it may begin now. One that has ended is left alone. */
  grantRun(runId: string): Promise<void>;
  /** Tells a run to start no new task, or to go on. A run that has ended is left alone. */
  pause(runId: string, isPaused: boolean): Promise<void>;
}

export function createRunEngine(client: Client, taskQueue: string): RunEngine {
  const signal = async (workflowId: string, name: string, ...args: unknown[]) => {
    try {
      await answered(client, () => client.workflow.getHandle(workflowId).signal(name, ...args));
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  };
  return {
    async start(run) {
      const input: RunInput = { runId: run.runId };
      await answered(client, () =>
        client.workflow.start(workflowNames.runOrchestration, {
          workflowId: runWorkflowId(run.runId),
          taskQueue,
          args: [input],
          workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
          staticSummary: shortened(`${run.orchestrationName}, started by ${run.startedBy}`),
          typedSearchAttributes: [
            { key: orchestrationIdAttribute, value: run.orchestrationId },
            { key: orchestrationNameAttribute, value: shortened(run.orchestrationName) },
            { key: runStatusAttribute, value: 'processing' },
            { key: startedByAttribute, value: shortened(run.startedBy) },
          ],
        }),
      );
    },

    stop: (runId, request) => signal(runWorkflowId(runId), stopSignalName, request),
    grantTask: (workflowId, taskId) => signal(workflowId, taskGrantedSignalName, taskId),
    grantRun: (runId) => signal(runWorkflowId(runId), grantedSignalName),
    pause: (runId, isPaused) => signal(runWorkflowId(runId), pausedSignalName, isPaused),

    async listRunning() {
      const query = `WorkflowType = '${workflowNames.runOrchestration}' AND TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'`;
      return answered(client, async () => {
        const ids = new Set<string>();
        for await (const { workflowId } of client.workflow.list({ query, pageSize: 1_000 }))
          ids.add(workflowId);
        return ids;
      });
    },

    async describe(runId) {
      try {
        const { runId: temporalRunId, status } = await answered(client, () =>
          client.workflow.getHandle(runWorkflowId(runId)).describe(),
        );
        return { kind: 'known', temporalRunId, status: status.name };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return { kind: 'missing' };
        throw error;
      }
    },
  };
}

/** Temporal allows a summary 400 bytes, also in UTF-8's longest letters. */
function shortened(text: string): string {
  return text.slice(0, 100);
}

function keyword(name: string) {
  return defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
}

async function answered<T>(client: Client, call: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + answerWithinMs, call);
  } catch (error) {
    if (isAway(error)) {
      throw new UnavailableError('Temporal does not answer. Nothing was started; try again in a moment.', {
        code: 'TEMPORAL_UNAVAILABLE',
        cause: error,
      });
    }
    throw error;
  }
}

/** gRPC's DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED and UNAVAILABLE. */
const awayCodes = new Set([4, 8, 14]);

function isAway(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && awayCodes.has(cause.code);
}
