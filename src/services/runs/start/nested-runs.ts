import { ConflictError, NotFoundError, UserError, ValidationError } from '../../../domain/errors';
import type { JsonObject } from '../../../domain/model/json';
import { deepestNesting } from '../../../domain/rules/nesting';
import { isFinishedRun } from '../../../domain/rules/statuses';
import { findNestedRun, listLineage, type NestedRunRow } from '../../../store/runs/nested-runs';
import { defaultGraceSeconds, stopRun } from '../steer/cancel-run';
import type { RunDependencies } from '../dependencies';
import { launchRun } from './launch-run';
import { planStart } from './plan-start';
import { toRunRow, toTaskRows } from './run-rows';

type Needs = Pick<RunDependencies, 'db' | 'engine' | 'findComponent'>;

/** A run that is to be the work of a task. */
export interface NestedRunRequest {
  /** Chosen by the caller and kept, so that the start can be repeated. */
  readonly runId: string;
  readonly orchestrationId: string;
  readonly parameters: JsonObject;
  readonly parent: { readonly runId: string; readonly taskId: string; readonly workflowId: string };
}

/** Runs of orchestrations that are tasks of other runs, as the activity of such a task uses them. */
export interface NestedRuns {
  /**
   * Starts the run, unless it was started before, and answers how it stands. Idempotent.
   *
   * @throws UserError when it cannot start, UnavailableError while Temporal is away.
   */
  ensure(request: NestedRunRequest): Promise<NestedRunRow>;
  /**
   * Asks the run to stop, with a little less grace than its parent has, so that it can confirm in time. One that has
   * ended is left alone. Idempotent.
   */
  stop(runId: string): Promise<void>;
  /** `null` when there is no such run. */
  find(runId: string): Promise<NestedRunRow | null>;
}

/** A nested run behaves as a scheduled one: it needs its orchestration enabled. */
export function createNestedRuns(needs: Needs): NestedRuns {
  const { db } = needs;
  return {
    async ensure(request) {
      const known = await findNestedRun(db, request.runId);
      if (known !== null) return known;
      await asUserError(() => start(needs, request));
      const started = await findNestedRun(db, request.runId);
      return (
        started ?? {
          orchestrationName: request.orchestrationId,
          status: 'created',
          failures: [],
          parentGraceSeconds: null,
        }
      );
    },
    async stop(runId) {
      const run = await findNestedRun(db, runId);
      if (run === null || isFinishedRun(run.status)) return;
      try {
        await stopRun(needs, runId, { graceSeconds: graceBelow(run.parentGraceSeconds) });
      } catch (error) {
        // It has ended in between.
        if (!(error instanceof ConflictError)) throw error;
      }
    },
    find: (runId) => findNestedRun(db, runId),
  };
}

function graceBelow(parentSeconds: number | null): number {
  const seconds = parentSeconds ?? defaultGraceSeconds;
  return seconds - Math.min(5, seconds / 4);
}

async function start(needs: Needs, request: NestedRunRequest): Promise<void> {
  const { runId, orchestrationId, parameters, parent } = request;
  const lineage = await listLineage(needs.db, parent.runId);
  const [above] = lineage;
  if (lineage.some((ancestor) => ancestor.orchestrationId === orchestrationId)) {
    throw new UserError('The orchestration runs itself: it is one of those that this task is nested in.', {
      code: 'NESTING_CYCLE',
    });
  }
  if (lineage.length > deepestNesting) {
    throw new UserError(`Orchestrations can be nested ${deepestNesting} deep; this one would be deeper.`, {
      code: 'NESTING_TOO_DEEP',
    });
  }
  const startedBy = {
    type: 'orchestration',
    id: above?.orchestrationId ?? '',
    name: above?.orchestrationName ?? '',
  } as const;
  const start = { orchestrationId, parameters, startedBy, unattended: true };
  const planned = await planStart(needs, start);
  const run = {
    ...toRunRow(planned, start),
    id: runId,
    parent_run_id: parent.runId,
    parent_task_id: parent.taskId,
    parent_workflow_id: parent.workflowId,
  };
  await launchRun(needs, {
    run,
    tasks: toTaskRows(runId, planned, { findComponent: needs.findComponent, given: parameters }),
    overlap: planned.definition.content.overlap,
    startedBy: startedBy.name,
  });
}

/** What a person who starts a run is told as a conflict or a mistake is a mistake in the parent's configuration here. */
async function asUserError(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const isMistake =
      error instanceof ConflictError || error instanceof ValidationError || error instanceof NotFoundError;
    if (!isMistake) throw error;
    throw new UserError(error.message, { code: error.code, cause: error });
  }
}
