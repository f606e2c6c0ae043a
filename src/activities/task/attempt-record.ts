import type { Context } from '@temporalio/activity';
import type { JsonObject } from '../../domain/model/json';
import type { TaskError } from '../../domain/model/run';
import type { TaskEnd } from '../../store/run-tasks/record-end';
import { recordFailure, recordJob, recordNestedRun } from '../../store/run-tasks/record-progress';
import type { AttemptRequest, StartedAttempt } from '../../store/run-tasks/attempt-answer';
import type { LogLine } from '../../store/task-log';
import { isDatabaseUnavailable } from '../../store/unavailable';
import type { ActivityDependencies, Publication } from '../dependencies';
import { failedForGood, tryAgain } from './failures';
import type { TaskLogWriter } from './task-log-writer';
import type { TaskOutcome } from './task-outcome';
import { untilDone } from './until-done';

export interface AttemptStore {
  readonly recordEnd: (end: TaskEnd) => Promise<boolean>;
  readonly appendLog: (lines: readonly LogLine[]) => Promise<void>;
}

export interface AttemptInput {
  readonly claim: AttemptRequest;
  readonly task: StartedAttempt;
  readonly context: Context;
  readonly workflowId: string;
  /** The run is being stopped: only for a task whose work is a nested run. */
  readonly isStopping: boolean;
}

/** Writes down what becomes of an attempt, until the database has it, and says it in Temporal's words. */
export class AttemptRecord {
  constructor(
    private readonly db: ActivityDependencies['db'],
    private readonly store: AttemptStore,
    private readonly input: AttemptInput,
    private readonly log: TaskLogWriter,
  ) {}

  async succeeded({ result, warning }: Publication): Promise<TaskOutcome> {
    this.log.info(result.message);
    await this.#end({ status: warning ? 'warning' : 'success', result, error: null });
    return { ending: warning ? 'warned' : 'succeeded' };
  }

  async terminated(): Promise<void> {
    this.log.info('Stopped, because the run is being stopped.');
    await this.#end({ status: 'terminated', result: null, error: null });
  }

  /** @throws what makes Temporal start the next attempt after the pause. */
  async failedForNow(error: TaskError, pauseMs: number): Promise<never> {
    this.log.info(`The next attempt begins in ${(pauseMs / 1_000).toFixed(1)} s.`);
    await this.untilRecorded(() => recordFailure(this.db, this.input.claim, error));
    throw tryAgain(error, pauseMs);
  }

  /** @throws what tells the workflow that the task failed, unless it is parked. */
  async failed(error: TaskError): Promise<TaskOutcome> {
    if (this.input.task.onExhausted === 'park') {
      this.log.info('Parked: a person decides what becomes of the task.');
      await this.#end({ status: 'parked', result: null, error });
      return { ending: 'parked' };
    }
    await this.#end({ status: 'error', result: null, error });
    throw failedForGood(error, this.input.task.continueOnFailure ? 'tolerated' : 'failed');
  }

  async job(job: JsonObject): Promise<void> {
    await this.untilRecorded(() => recordJob(this.db, this.input.claim, job));
  }

  /** Answers whether this attempt still has the task. */
  async nestedRun(nestedRunId: string): Promise<boolean> {
    return this.untilRecorded(() => recordNestedRun(this.db, this.input.claim, nestedRunId));
  }

  async untilRecorded<T>(write: () => Promise<T>): Promise<T> {
    return untilDone(write, isDatabaseUnavailable, this.input.context.cancellationSignal);
  }

  async #end(end: Pick<TaskEnd, 'status' | 'result' | 'error'>): Promise<void> {
    const { claim, workflowId } = this.input;
    const withLog = { ...claim, ...end, workflowId, log: this.log.take() };
    await this.untilRecorded(() => this.store.recordEnd(withLog));
  }
}
