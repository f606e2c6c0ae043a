import type { TaskOutput } from '../../components/component';
import { isDomainError } from '../../domain/errors';
import type { TaskError } from '../../domain/model/run';
import { isWorthRetrying } from '../../domain/rules/retry-on';
import { retryDelayMs } from '../../domain/rules/retry-delay';
import { isDatabaseUnavailable } from '../../store/unavailable';
import { AttemptRecord, type AttemptInput, type AttemptStore } from './attempt-record';
import type { ActivityDependencies, Publication } from '../dependencies';
import { executeComponent } from './execute-component';
import { interrupted, isAway, retryAfterMsOf, toTaskError } from './failures';
import { NestedRunStopped, followNestedRun, stopNestedRun } from './follow-nested-run';
import { Interrupter } from './interruption';
import { prepareWork } from './prepare-work';
import { createTaskContext } from './task-context';
import { TaskLogWriter } from './task-log-writer';
import type { TaskOutcome } from './task-outcome';

const MINUTE = 60_000;

/** One attempt of a task: prepares it, lets the component work, publishes, records. */
export class Attempt {
  readonly #number: number;
  readonly #interrupter: Interrupter;
  readonly #log: TaskLogWriter;
  readonly #record: AttemptRecord;
  #mask: (text: string) => string = (text) => text;

  constructor(
    private readonly dependencies: ActivityDependencies,
    store: AttemptStore,
    private readonly input: AttemptInput,
  ) {
    const { task, claim, context } = input;
    this.#number = task.failures + 1;
    this.#interrupter = new Interrupter(context, this.#timeLeftMs());
    this.#log = new TaskLogWriter({
      ...claim,
      attempt: this.#number,
      mask: (text) => this.#mask(text),
      append: store.appendLog,
      onLost: (error) => {
        dependencies.logger.warn(
          { runId: claim.runId, taskId: claim.taskId, err: error },
          'Lines of a task log are lost.',
        );
      },
    });
    this.#record = new AttemptRecord(dependencies.db, store, input, this.#log);
  }

  /**
   * @returns how the task ended, or that its work goes on as a nested run; rejects when it failed for good, is to be
   * tried again, or was cancelled.
   */
  async run(): Promise<TaskOutcome> {
    if (this.input.task.nestedRunId === null) this.#log.info(this.#firstLine());
    try {
      const published = await this.#workAndPublish();
      return published === null ? this.#goesOn() : await this.#record.succeeded(published);
    } catch (error) {
      return await this.#fail(error);
    } finally {
      this.#interrupter.close();
      await this.#log.flush();
    }
  }

  #firstLine(): string {
    const attempt = `Attempt ${this.#number} of ${this.input.task.retry.maximumAttempts}`;
    const isInterrupted = this.input.context.info.attempt > this.#number;
    return isInterrupted ? `${attempt} begins again: its worker was lost.` : `${attempt} begins.`;
  }

  #goesOn(): TaskOutcome {
    const leftMs = this.#timeLeftMs();
    return { ending: 'nested', ...(leftMs === null ? {} : { lookAgainSeconds: leftMs / 1_000 }) };
  }

  /** `null` while the work goes on as a nested run. */
  async #workAndPublish(): Promise<Publication | null> {
    const { claim, context } = this.input;
    // Only an attempt after the first can find that an earlier one has published and then lost its worker.
    if (context.info.attempt > 1) {
      const earlier = await this.dependencies.tables.findPublication(claim);
      if (earlier !== null) return earlier;
    }
    const { execution, configuration, mask } = prepareWork(this.dependencies, this.input);
    this.#mask = mask;
    if (execution.kind === 'nested') {
      const output = await this.#followNestedRun(execution.nestedIn(configuration));
      return output === null ? null : this.#publish(output);
    }
    const taskContext = createTaskContext(this.dependencies, {
      claim,
      attempt: this.#number,
      parameters: this.input.task.parameters,
      signal: this.#interrupter.signal,
      log: this.#log,
    });
    try {
      this.#interrupter.signal.throwIfAborted();
      const output = await executeComponent({
        execution,
        configuration,
        context: taskContext.context,
        interrupter: this.#interrupter,
        job: this.input.task.job,
        saveJob: (job) => this.#record.job(job),
      });
      return await this.#publish(output);
    } finally {
      await taskContext.close();
    }
  }

  async #followNestedRun(
    orchestration: Parameters<typeof followNestedRun>[0]['orchestration'],
  ): Promise<TaskOutput | null> {
    const { claim, task, workflowId, isStopping } = this.input;
    const { nestedRuns } = this.dependencies;
    const { reason, signal } = this.#interrupter;
    if (reason === 'timedOut' && task.nestedRunId !== null) await stopNestedRun(nestedRuns, task.nestedRunId);
    // A cancel of a task whose run has begun is for its workflow: it waits until that run has confirmed.
    if (reason !== 'cancelled' || task.nestedRunId === null) signal.throwIfAborted();
    return followNestedRun({
      runs: nestedRuns,
      orchestration,
      parent: { runId: claim.runId, taskId: claim.taskId, workflowId },
      nestedRunId: task.nestedRunId,
      save: (nestedRunId) => this.#record.nestedRun(nestedRunId),
      log: this.#log,
      isStopping,
    });
  }

  async #publish(output: TaskOutput): Promise<Publication> {
    const result = { message: this.#mask(output.message), tables: [] };
    const warning = output.warning ?? false;
    const staged = output.tables ?? [];
    if (staged.length === 0) return { result, warning };
    const { runId, taskId } = this.input.claim;
    return this.#record.untilRecorded(() =>
      this.dependencies.tables.publish({ runId, taskId, message: result.message, warning, staged }),
    );
  }

  async #fail(thrown: unknown): Promise<TaskOutcome> {
    const { task, context } = this.input;
    if (thrown instanceof NestedRunStopped) {
      await this.#record.terminated();
      return { ending: 'terminated' };
    }
    switch (this.#interrupter.reason) {
      case 'cancelled':
        await this.#record.terminated();
        return context.cancelled;
      case 'shutdown':
      case 'lost':
        throw interrupted('The worker stops; the task goes on with the next one.', thrown);
      case 'timedOut':
        return this.#record.failed(this.#timedOut());
      case null:
        break;
    }
    if (isAway(thrown) || (!isDomainError(thrown) && isDatabaseUnavailable(thrown))) {
      throw interrupted('A part of the product itself is away for the moment.', thrown);
    }
    const error = toTaskError(thrown, this.#number, this.#mask);
    if (error.code === 'INTERNAL') this.#reportBug(thrown);
    this.#log.error(`${error.code}: ${error.message}`);
    if (!isWorthRetrying(task.retry, error) || this.#number >= task.retry.maximumAttempts) {
      return this.#record.failed(error);
    }
    const pauseMs = retryDelayMs(task.retry, this.#number, retryAfterMsOf(thrown));
    // A pause does not outlast the task's time-out: the next attempt then finds that it is over.
    return this.#record.failedForNow(error, Math.min(pauseMs, this.#timeLeftMs() ?? pauseMs));
  }

  #timeLeftMs(): number | null {
    const { timeoutMinutes, startedAt } = this.input.task;
    if (timeoutMinutes === null) return null;
    return Math.max(startedAt.getTime() + timeoutMinutes * MINUTE - Date.now(), 0);
  }

  #timedOut(): TaskError {
    const minutes = this.input.task.timeoutMinutes ?? 0;
    const message = `The task took longer than its time-out of ${minutes} minutes; its work was stopped.`;
    this.#log.error(message);
    return { code: 'TASK_TIMED_OUT', message, type: 'application', attempt: this.#number };
  }

  #reportBug(thrown: unknown): void {
    const { runId, taskId } = this.input.claim;
    const stack = thrown instanceof Error ? this.#mask(thrown.stack ?? thrown.message) : String(thrown);
    this.dependencies.logger.error({ runId, taskId, stack }, 'A component failed unexpectedly.');
  }
}
