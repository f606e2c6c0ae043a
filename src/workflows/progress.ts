import type { RunPlan } from './messages';

const mostShown = 50;

/** Markdown for the Temporal Web UI: the phases, and where the run is. */
export function describeProgress(plan: RunPlan, current: number): string {
  const from = Math.max(0, Math.min(current - Math.floor(mostShown / 2), plan.phases.length - mostShown));
  return plan.phases
    .slice(from, from + mostShown)
    .map((phase, index) => {
      const place = from + index;
      const mark = place < current ? 'done' : place === current ? '**running**' : 'to come';
      return `${place + 1}. ${phase.name}: ${phase.size} tasks, ${mark}`;
    })
    .join('\n');
}
