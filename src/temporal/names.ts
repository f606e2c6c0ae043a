/** Names that the product and its workflows share. Declared once, safe to import from workflow code. */

export const workflowNames = { runOrchestration: 'runOrchestration', runTaskChunk: 'runTaskChunk' } as const;

/** Sent to a run: stop, and give running tasks this long to confirm. */
export const stopSignalName = 'stop';
/** Sent to a waiting run: what it waited for may be free now. */
export const grantedSignalName = 'granted';
/** Sent to the workflow of a waiting task: it has what it waited for. */
export const taskGrantedSignalName = 'taskGranted';
/** Sent to a run: start no new task, or go on. */
export const pausedSignalName = 'paused';

export const searchAttributeNames = {
  orchestrationId: 'OrchestrationId',
  orchestrationName: 'OrchestrationName',
  runStatus: 'RunStatus',
  startedBy: 'StartedBy',
} as const;

/** The workflow of a run has the run's own id, so that a start can be repeated without a second run. */
export function runWorkflowId(runId: string): string {
  return runId;
}

/** The child workflow that runs a part of a large phase. */
export function chunkWorkflowId(chunk: {
  readonly runId: string;
  readonly phaseIndex: number;
  readonly attempt: number;
  readonly offset: number;
}): string {
  return `${chunk.runId}.phase-${chunk.phaseIndex}.attempt-${chunk.attempt}.from-${chunk.offset}`;
}
