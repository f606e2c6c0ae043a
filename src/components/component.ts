import { z } from 'zod';
import { UserError, listIssues, type Issue } from '../domain/errors';
import type { ComponentSummary, ComponentType } from '../domain/model/component';
import { toIssues } from '../domain/model/issues';
import type { JsonObject } from '../domain/model/json';
import type { TaskProgress } from '../domain/model/run';
import type { ActionContext, StagedTable, TaskContext } from './context';

/** What a task that ended well says of itself. */
export interface TaskOutput {
  /** One sentence for people: "120 rows into in.main.user_levels". */
  readonly message: string;
  /** Ended, but something should be looked at: the task's status is `warning`. */
  readonly warning?: boolean;
  /** Published together, once, after this. */
  readonly tables?: readonly StagedTable[];
}

/** How a look at a remote job ended. */
export type JobPoll =
  | { readonly done: false; readonly pollAfterMs: number; readonly progress?: TaskProgress }
  | { readonly done: true; readonly output: TaskOutput };

/**
 * Work that goes on elsewhere. After a crash the product polls the job that `start` has answered and
 * starts no second one.
 */
export interface RemoteJob<C> {
  /** Starts the job and answers what is needed to find it again: small, plain, no secrets. */
  start(configuration: C, context: TaskContext): Promise<JsonObject>;
  /** Looks once. A failed job throws `UserError` or `TransientError`. */
  poll(configuration: C, job: JsonObject, context: TaskContext): Promise<JobPoll>;
  /** Stops the job. Called on cancel and on time-out; `context.signal` is not aborted by then. Idempotent. */
  cancel(configuration: C, job: JsonObject, context: TaskContext): Promise<void>;
}

/** Another orchestration that is a task's work. */
export interface NestedOrchestration {
  readonly orchestrationId: string;
  /** Values of the nested run's parameters. */
  readonly parameters: JsonObject;
}

/** A named question to a configuration that is answered at once, e.g. `testConnection`. */
export type ComponentAction<C> = (configuration: C, context: ActionContext) => Promise<JsonObject>;

export interface ComponentExample<Input> {
  /** Which behaviour the example shows, as a sentence. */
  readonly title: string;
  readonly configuration: Input;
}

interface ComponentSpec<S extends z.ZodType> {
  readonly id: string;
  readonly name: string;
  readonly type: ComponentType;
  /** Markdown; the first sentence stands in lists. */
  readonly description: string;
  readonly configuration: S;
  readonly examples: readonly ComponentExample<z.input<S>>[];
  readonly actions?: Readonly<Record<string, ComponentAction<z.output<S>>>>;
  readonly excludeFromOrchestrations?: boolean;
  /**
   * The outside system that a configuration connects to, without secrets, e.g. `postgres://db.example.com:5432/crm`:
   * tasks with the same connection can be limited together. None when left out.
   */
  readonly connectionOf?: (configuration: z.output<S>) => string;
  /** One of three: `run`, for work done here; `job`, for work that goes on elsewhere; `nested`, for another run. */
  readonly run?: (configuration: z.output<S>, context: TaskContext) => Promise<TaskOutput>;
  readonly job?: RemoteJob<z.output<S>>;
  readonly nested?: (configuration: z.output<S>) => NestedOrchestration;
}

/** A kind of work, with its configuration's type erased: configurations are checked where they enter. */
export interface Component {
  readonly summary: ComponentSummary;
  readonly examples: readonly ComponentExample<unknown>[];
  readonly execution:
    | {
        readonly kind: 'run';
        readonly run: (configuration: unknown, context: TaskContext) => Promise<TaskOutput>;
      }
    | { readonly kind: 'job'; readonly job: RemoteJob<unknown> }
    /** `nestedIn` throws a `UserError` for a configuration that does not fit. */
    | { readonly kind: 'nested'; readonly nestedIn: (configuration: unknown) => NestedOrchestration };
  readonly actions: ReadonlyMap<string, ComponentAction<unknown>>;
  /** The outside system that a configuration connects to; `null` for none, or when it does not fit. */
  connectionOf(configuration: unknown): string | null;
  /** All problems of a configuration, with paths; empty when it can be saved. */
  findIssues(configuration: unknown): readonly Issue[];
}

/**
 * Declares a component. Form, validation, documentation, OpenAPI and contract tests are made from this one value.
 *
 * The configuration given to `run`, `job` and the actions is parsed by `configuration` first; what does not
 * fit is a `UserError` that lists every problem.
 */
export function defineComponent<S extends z.ZodType>(spec: ComponentSpec<S>): Component {
  const parse = (configuration: unknown) => parseConfiguration(spec.id, spec.configuration, configuration);
  const actions = Object.entries(spec.actions ?? {});
  return {
    summary: {
      id: spec.id,
      name: spec.name,
      type: spec.type,
      description: spec.description,
      actions: actions.map(([name]) => name),
      examples: spec.examples.map(({ title, configuration }) => ({ title, configuration })),
      configurationSchema: z.toJSONSchema(spec.configuration, { io: 'input' }),
      excludeFromOrchestrations: spec.excludeFromOrchestrations ?? false,
    },
    examples: spec.examples,
    execution: eraseExecution(spec, parse),
    actions: new Map(
      actions.map(([name, action]) => [
        name,
        (raw: unknown, context: ActionContext) => action(parse(raw), context),
      ]),
    ),
    connectionOf(configuration) {
      if (spec.connectionOf === undefined) return null;
      const parsed = spec.configuration.safeParse(configuration);
      return parsed.success ? spec.connectionOf(parsed.data) : null;
    },
    findIssues(configuration) {
      const parsed = spec.configuration.safeParse(configuration);
      return parsed.success ? [] : toIssues(parsed.error);
    },
  };
}

function eraseExecution<S extends z.ZodType>(
  spec: ComponentSpec<S>,
  parse: (raw: unknown) => z.output<S>,
): Component['execution'] {
  const { run, job, nested } = spec;
  if ([run, job, nested].filter((each) => each !== undefined).length !== 1) {
    throw new TypeError(`Component ${spec.id} must have one of "run", "job" and "nested".`);
  }
  if (nested !== undefined) return { kind: 'nested', nestedIn: (raw) => nested(parse(raw)) };
  if (run !== undefined) return { kind: 'run', run: (raw, context) => run(parse(raw), context) };
  const remote = job as RemoteJob<z.output<S>>;
  return {
    kind: 'job',
    job: {
      start: async (raw, context) => remote.start(parse(raw), context),
      poll: async (raw, state, context) => remote.poll(parse(raw), state, context),
      cancel: async (raw, state, context) => remote.cancel(parse(raw), state, context),
    },
  };
}

function parseConfiguration<S extends z.ZodType>(componentId: string, schema: S, raw: unknown): z.output<S> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = listIssues(toIssues(parsed.error));
  throw new UserError(`The configuration of ${componentId} cannot be used: ${problems}`, {
    code: 'BAD_CONFIGURATION',
  });
}
