import { CancellationScope, continueAsNew, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { RunError } from '../domain/model/run';
import { addTallies, emptyTally, mayGoOn, type Tally } from '../domain/rules/outcome';
import type { PhaseRef, RunInput, RunPlan, RunProgress } from './messages';
import { runPhase } from './phase';
import { describeProgress } from './progress';
import type { StopDesk } from './stop-desk';
import type { TaskDesk } from './task-desk';

const MINUTE = 60_000;

interface Desks {
  readonly stopDesk: StopDesk;
  readonly taskDesk: TaskDesk;
}

/** Awaits the phases of a run in sequence; after a failure that is not tolerated, or a stop, the rest never starts. */
export class PhaseRunner {
  readonly #runId: string;
  readonly #progress: RunProgress;

  constructor(
    { runId, progress }: RunInput,
    private readonly plan: RunPlan,
    private readonly desks: Desks,
  ) {
    this.#runId = runId;
    this.#progress = progress ?? { nextPhase: 0, beganAt: Date.now(), tally: emptyTally };
  }

  run(): Promise<Tally> {
    const { timeoutMinutes } = this.plan;
    if (timeoutMinutes === null) return this.#runPhases();
    const leftMs = this.#progress.beganAt + timeoutMinutes * MINUTE - Date.now();
    return this.desks.stopDesk.within(leftMs, runTimedOut(timeoutMinutes), () => this.#runPhases());
  }

  async #runPhases(): Promise<Tally> {
    const { plan } = this;
    let { tally } = this.#progress;
    for (let index = this.#progress.nextPhase; index < plan.phases.length; index += 1) {
      const phase = plan.phases[index];
      if (phase === undefined || phase.size === 0) continue;
      if (workflowInfo().continueAsNewSuggested && !isStopped()) await this.#continueAsNew(index, tally);
      setCurrentDetails(describeProgress(plan, index, 'running'));
      tally = addTallies(tally, await this.#runPhase(phase, index));
      const state = isStopped() ? 'stopped' : mayGoOn(tally) ? 'done' : 'failed';
      setCurrentDetails(describeProgress(plan, index, state));
      if (state !== 'done') break;
    }
    return tally;
  }

  #runPhase(phase: PhaseRef, phaseIndex: number): Promise<Tally> {
    const { maxParallelTasks } = this.plan;
    const { stopDesk, taskDesk } = this.desks;
    const work = () => runPhase({ runId: this.#runId, phaseIndex, phase, maxParallelTasks }, taskDesk);
    if (phase.timeoutMinutes === null) return work();
    return stopDesk.within(phase.timeoutMinutes * MINUTE, phaseTimedOut(phase), work);
  }

  async #continueAsNew(nextPhase: number, tally: Tally): Promise<void> {
    const { beganAt } = this.#progress;
    await continueAsNew({ runId: this.#runId, progress: { nextPhase, beganAt, tally } });
  }
}

function isStopped(): boolean {
  return CancellationScope.current().consideredCancelled;
}

function runTimedOut(minutes: number): RunError {
  return {
    code: 'RUN_TIMED_OUT',
    message: `The run took longer than its time-out of ${minutes} minutes; its work was stopped.`,
  };
}

function phaseTimedOut({ name, timeoutMinutes }: PhaseRef): RunError {
  return {
    code: 'PHASE_TIMED_OUT',
    message: `Phase "${name}" took longer than its time-out of ${timeoutMinutes ?? 0} minutes; its work was stopped.`,
  };
}
