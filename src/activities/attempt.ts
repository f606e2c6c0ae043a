import type { Context } from '@temporalio/activity';
import type { TaskOutput } from '../components/component';
import { UserError, isDomainError } from '../domain/errors';
import type { JsonObject } from '../domain/model/json';
import type { TaskError } from '../domain/model/run';
import { retryDelayMs } from '../domain/rules/retry-delay';
import { resolveParameters } from '../domain/rules/parameters';
import type { TaskEnd } from '../store/run-tasks/record-end';
import { recordFailure, recordJob } from '../store/run-tasks/record-progress';
import type { AttemptRequest, StartedAttempt } from '../store/run-tasks/start-attempt';
import type { LogLine } from '../store/task-log';
import { isDatabaseUnavailable } from '../store/unavailable';
import type { ActivityDependencies, Publication } from './dependencies';
import { executeComponent } from './execute-component';
import { failedForGood, interrupted, isRetryable, retryAfterMsOf, toTaskError, tryAgain } from './failures';
import { Interrupter } from './interruption';
import { createTaskContext, type OpenedTaskContext } from './task-context';
import { TaskLogWriter } from './task-log-writer';
import type { TaskOutcome } from './task-outcome';
import { untilDone } from './until-done';

const MINUTE = 60_000;

export interface AttemptStore {
  readonly recordEnd: (end: TaskEnd) => Promise<boolean>;
  readonly appendLog: (lines: readonly LogLine[]) => Promise<void>;
}

export interface AttemptInput {
  readonly claim: AttemptRequest;
  readonly task: StartedAttempt;
  readonly context: Context;
  readonly workflowId: string;
}

/** One attempt of a task: prepares it, lets the component work, publishes, records. */
export class Attempt {
  readonly #number: number;
  readonly #interrupter: Interrupter;
  readonly #log: TaskLogWriter;
  #mask: (text: string) => string = (text) => text;

  constructor(
    private readonly dependencies: ActivityDependencies,
    private readonly store: AttemptStore,
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
  }

  /** @returns how the task ended; rejects when it failed for good, is to be tried again, or was cancelled. */
  async run(): Promise<TaskOutcome> {
    this.#log.info(this.#firstLine());
    try {
      const published = await this.#workAndPublish();
      return await this.#succeed(published);
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

  async #workAndPublish(): Promise<Publication> {
    const { claim, context } = this.input;
    // Only an attempt after the first can find that an earlier one has published and then lost its worker.
    if (context.info.attempt > 1) {
      const earlier = await this.dependencies.tables.findPublication(claim);
      if (earlier !== null) return earlier;
    }
    const taskContext = createTaskContext(this.dependencies, {
      claim,
      attempt: this.#number,
      parameters: this.input.task.parameters,
      signal: this.#interrupter.signal,
      log: this.#log,
    });
    try {
      return await this.#publish(await this.#work(taskContext));
    } finally {
      await taskContext.close();
    }
  }

  async #work(taskContext: OpenedTaskContext): Promise<TaskOutput> {
    const { task, claim } = this.input;
    const component = this.dependencies.findComponent(task.componentId);
    if (component === undefined) {
      throw new UserError(`There is no component "${task.componentId}" in this installation.`, {
        code: 'UNKNOWN_COMPONENT',
      });
    }
    if (task.configuration === null) {
      throw new UserError(
        `Version of configuration ${task.configurationId ?? ''} that this run was started with is gone. Start a new run.`,
        { code: 'CONFIGURATION_GONE' },
      );
    }
    this.#interrupter.signal.throwIfAborted();
    return executeComponent({
      component,
      configuration: resolveParameters(this.#reveal(task.configuration), task.parameters),
      context: taskContext.context,
      interrupter: this.#interrupter,
      job: task.job,
      saveJob: (job) => this.#untilRecorded(() => recordJob(this.dependencies.db, claim, job)),
    });
  }

  /** Opens the secrets; from here on they are masked in everything that this attempt says. */
  #reveal(configuration: JsonObject): JsonObject {
    const { task, claim } = this.input;
    const owner = { componentId: task.componentId, ownerId: task.configurationId ?? claim.taskId };
    const revealed = this.dependencies.secrets.reveal(owner, configuration);
    this.#mask = this.dependencies.secrets.maskerOf(revealed);
    return revealed;
  }

  async #publish(output: TaskOutput): Promise<Publication> {
    const result = { message: this.#mask(output.message), tables: [] };
    const warning = output.warning ?? false;
    const staged = output.tables ?? [];
    if (staged.length === 0) return { result, warning };
    const { runId, taskId } = this.input.claim;
    return this.#untilRecorded(() =>
      this.dependencies.tables.publish({ runId, taskId, message: result.message, warning, staged }),
    );
  }

  async #succeed({ result, warning }: Publication): Promise<TaskOutcome> {
    this.#log.info(result.message);
    await this.#recordEnd({ status: warning ? 'warning' : 'success', result, error: null });
    return { ending: warning ? 'warned' : 'succeeded' };
  }

  async #fail(thrown: unknown): Promise<TaskOutcome> {
    const { task, context } = this.input;
    switch (this.#interrupter.reason) {
      case 'cancelled':
        this.#log.info('Stopped, because the run is being stopped.');
        await this.#recordEnd({ status: 'terminated', result: null, error: null });
        return context.cancelled;
      case 'shutdown':
      case 'lost':
        throw interrupted('The worker stops; the task goes on with the next one.', thrown);
      case 'timedOut':
        return this.#failForGood(this.#timedOut());
      case null:
        break;
    }
    if (!isDomainError(thrown) && isDatabaseUnavailable(thrown)) {
      throw interrupted("The product's own database is away for the moment.", thrown);
    }
    const error = toTaskError(thrown, this.#number, this.#mask);
    if (error.code === 'INTERNAL') this.#reportBug(thrown);
    this.#log.error(`${error.code}: ${error.message}`);
    if (!isRetryable(thrown) || this.#number >= task.retry.maximumAttempts) return this.#failForGood(error);
    return this.#tryAgain(error, retryDelayMs(task.retry, this.#number, retryAfterMsOf(thrown)));
  }

  async #tryAgain(error: TaskError, pauseMs: number): Promise<never> {
    const { claim } = this.input;
    // A pause does not outlast the task's time-out: the next attempt then finds that it is over.
    const pause = Math.min(pauseMs, this.#timeLeftMs() ?? pauseMs);
    this.#log.info(`The next attempt begins in ${(pause / 1_000).toFixed(1)} s.`);
    await this.#untilRecorded(() => recordFailure(this.dependencies.db, claim, error));
    throw tryAgain(error, pause);
  }

  async #failForGood(error: TaskError): Promise<TaskOutcome> {
    if (this.input.task.onExhausted === 'park') {
      this.#log.info('Parked: a person decides what becomes of the task.');
      await this.#recordEnd({ status: 'parked', result: null, error });
      return { ending: 'parked' };
    }
    await this.#recordEnd({ status: 'error', result: null, error });
    throw failedForGood(error, this.input.task.continueOnFailure ? 'tolerated' : 'failed');
  }

  async #recordEnd(end: Pick<TaskEnd, 'status' | 'result' | 'error'>): Promise<void> {
    const { claim, workflowId } = this.input;
    const withLog = { ...claim, ...end, workflowId, log: this.#log.take() };
    await this.#untilRecorded(() => this.store.recordEnd(withLog));
  }

  async #untilRecorded<T>(write: () => Promise<T>): Promise<T> {
    return untilDone(write, isDatabaseUnavailable, this.input.context.cancellationSignal);
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
