import type { Run, RunTask } from '../../domain/model/run';
import { isFinishedTask } from '../../domain/rules/statuses';
import type { Terminal } from '../terminal';
import type { ApiClient } from './api-client';

/** Starts a run and tells of each task as it ends. Answers the run. */
export async function runAndShow(api: ApiClient, orchestrationId: string, terminal: Terminal): Promise<Run> {
  const run = await api.post<Run>(`/orchestrations/${orchestrationId}/runs`, {});
  const told = new Set<string>();
  const tell = (tasks: readonly RunTask[]) => {
    for (const task of tasks) {
      if (!isFinishedTask(task.status) || told.has(task.id)) continue;
      told.add(task.id);
      terminal.say(`  ${describe(task)}`);
    }
  };
  for await (const { event, data } of api.events(`/runs/${run.id}/events`)) {
    if (event === 'run') tell((JSON.parse(data) as Run).phases.flatMap((phase) => phase.tasks));
    if (event === 'change') tell((JSON.parse(data) as { tasks: RunTask[] }).tasks);
    if (event === 'end') break;
  }
  return api.get<Run>(`/runs/${run.id}`);
}

function describe({ name, status, durationMs, result, error }: RunTask): string {
  const seconds = ((durationMs ?? 0) / 1_000).toFixed(1);
  return `${status.padEnd(8)} ${name} (${seconds} s): ${error?.message ?? result?.message ?? ''}`;
}
