import type { ConfigurationId, OrchestrationId, PhaseId, RunId, TaskId } from '../../../domain/model/ids';
import type { Run, RunPhase, RunSummary, RunTask, WaitingFor } from '../../../domain/model/run';
import { describePhase } from '../../../domain/rules/phase-status';
import type { RunRow, ShownTask } from '../../../store/runs/read-run';
import { runWorkflowId } from '../../../temporal/names';

/** Where the Temporal Web UI shows a namespace. */
export interface TemporalLinks {
  readonly uiUrl: string;
  readonly namespace: string;
}

export interface PresentOptions {
  readonly links: TemporalLinks;
  readonly waitingFor: WaitingFor | null;
}

/** What waiting tasks wait for, by task. */
export type WaitingTasks = ReadonlyMap<string, WaitingFor>;

/** A run as callers see it, without its phases. */
export function presentSummary(run: RunRow, { links, waitingFor }: PresentOptions): RunSummary {
  return {
    id: run.id as RunId,
    orchestrationId: run.orchestration_id as OrchestrationId,
    orchestrationName: run.orchestration_name,
    orchestrationVersion: run.orchestration_version,
    status: run.status,
    paused: run.paused,
    startedBy: run.started_by,
    createdAt: run.created_at.toISOString(),
    startedAt: toInstant(run.started_at),
    finishedAt: toInstant(run.finished_at),
    durationMs: durationMs(run.started_at, run.finished_at),
    waitingFor,
    parameters: run.parameters,
    priority: run.priority,
    retryOf: run.retry_of as RunId | null,
    parent: parentOf(run),
    error: run.error,
    temporal: {
      workflowId: runWorkflowId(run.id),
      runId: run.temporal_run_id,
      url: temporalUrl(run, links),
    },
  };
}

export function presentTask(task: ShownTask, waitingTasks: WaitingTasks): RunTask {
  return {
    id: task.task_id as TaskId,
    name: task.name,
    componentId: task.component_id,
    configurationId: task.configuration_id as ConfigurationId | null,
    status: task.status,
    attempt: task.attempt,
    startedAt: toInstant(task.started_at),
    finishedAt: toInstant(task.finished_at),
    durationMs: durationMs(task.started_at, task.finished_at),
    waitingFor: (task.status === 'waiting' ? waitingTasks.get(task.task_id) : null) ?? null,
    progress: task.progress,
    result: task.result,
    error: task.error,
    reusedFrom: task.reused_from as RunId | null,
    nestedRunId: task.nested_run_id as RunId | null,
    parkedAt: task.status === 'parked' ? toInstant(task.parked_at) : null,
    resolution: task.resolution,
  };
}

/** The phases of a run, from its tasks in order. */
export function presentPhases(
  run: RunRow,
  tasks: readonly ShownTask[],
  waitingTasks: WaitingTasks,
): RunPhase[] {
  const byPhase: { attempt: number; readonly tasks: RunTask[] }[] = run.phases.map(() => ({
    attempt: 1,
    tasks: [],
  }));
  for (const task of tasks) {
    const phase = byPhase[task.phase_index];
    if (phase === undefined) continue;
    phase.attempt = Math.max(phase.attempt, task.phase_attempt);
    phase.tasks.push(presentTask(task, waitingTasks));
  }
  return run.phases.map(({ id, name }, index) => {
    const { attempt, tasks: shown } = byPhase[index] ?? { attempt: 1, tasks: [] };
    return { id: id as PhaseId, name, ...describePhase(shown), attempt, tasks: shown };
  });
}

export function presentRun(
  run: RunRow,
  tasks: readonly ShownTask[],
  { waitingTasks, ...options }: PresentOptions & { readonly waitingTasks: WaitingTasks },
): Run {
  return { ...presentSummary(run, options), phases: presentPhases(run, tasks, waitingTasks) };
}

function parentOf({ parent_run_id, parent_task_id }: RunRow): RunSummary['parent'] {
  if (parent_run_id === null || parent_task_id === null) return null;
  return { runId: parent_run_id as RunId, taskId: parent_task_id as TaskId };
}

function toInstant(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}

/** From the start to the end, or to now while it goes on; waiting before the start does not count. */
function durationMs(startedAt: Date | null, finishedAt: Date | null): number | null {
  if (startedAt === null) return null;
  return Math.max(0, (finishedAt ?? new Date()).getTime() - startedAt.getTime());
}

function temporalUrl(run: RunRow, { uiUrl, namespace }: TemporalLinks): string {
  const workflow = `${uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(runWorkflowId(run.id))}`;
  return run.temporal_run_id === null ? workflow : `${workflow}/${run.temporal_run_id}/history`;
}
