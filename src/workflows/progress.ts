import type { RunPlan } from './messages';

const mostShown = 50;

/** How far the phase is that a run is at; a run that failed or was stopped never starts the phases after it. */
export type PhaseState = 'running' | 'done' | 'failed' | 'stopped';

/** Markdown for the Temporal Web UI: the phases, and where the run is. */
export function describeProgress(plan: RunPlan, current: number, state: PhaseState): string {
  const from = Math.max(0, Math.min(current - Math.floor(mostShown / 2), plan.phases.length - mostShown));
  const after = state === 'failed' || state === 'stopped' ? 'not run' : 'to come';
  return plan.phases
    .slice(from, from + mostShown)
    .map(({ name, size }, index) => {
      const place = from + index;
      const mark = place < current ? 'done' : place === current ? `**${state}**` : after;
      return `${place + 1}. ${name}: ${size} ${size === 1 ? 'task' : 'tasks'}, ${mark}`;
    })
    .join('\n');
}
