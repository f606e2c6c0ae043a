import { TransientError, UserError } from '../../domain/errors';
import type { JsonObject } from '../../domain/model/json';
import { defineComponent, type JobPoll } from '../component';
import type { TaskContext } from '../context';
import { callOutside, type OutboundAnswer } from '../shared/outbound';
import { httpConfiguration, type HttpConfiguration } from './configuration';
import { fillPlaceholders, valueAt, type Placeholders } from './placeholders';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const excerptLength = 500;
const pollTimeoutMs = 30 * SECOND;

/** Calls an HTTP service; with `poll`, follows the job that the call has started. */
export const jobHttp = defineComponent({
  id: 'job-http',
  name: 'HTTP',
  type: 'application',
  description:
    'Calls an HTTP service. With a poll block it follows the job that the call starts, finds it again after a crash, and stops it when the run is cancelled.',
  configuration: httpConfiguration,
  examples: [
    {
      title: 'A call that is the work itself',
      configuration: {
        request: { method: 'POST', url: 'https://example.com/hooks/refresh', body: { run: '{{runId}}' } },
      },
    },
    {
      title: 'A job that is started, followed and cancelled',
      configuration: {
        request: {
          method: 'POST',
          url: 'https://example.com/jobs',
          headers: { '#authorization': 'Bearer secret' },
        },
        idempotencyHeader: 'Idempotency-Key',
        poll: {
          url: 'https://example.com/jobs/{{jobId}}',
          intervalSeconds: 10,
          idPath: 'id',
          statusPath: 'status',
          successValues: ['done'],
          failureValues: ['failed'],
          messagePath: 'message',
        },
        cancel: { method: 'DELETE', url: 'https://example.com/jobs/{{jobId}}' },
      },
    },
  ],
  connectionOf: ({ request }) => (URL.canParse(request.url) ? new URL(request.url).origin : request.url),
  job: { start: startJob, poll: pollJob, cancel: cancelJob },
});

async function startJob(configuration: HttpConfiguration, context: TaskContext): Promise<JsonObject> {
  const { request, idempotencyHeader, poll } = configuration;
  const answer = await call(configuration, context, {
    method: request.method,
    url: request.url,
    body: request.body,
    timeoutMs: request.timeoutSeconds * SECOND,
    // The same for a start that is repeated because a worker was lost, another one after a failed job.
    headers:
      idempotencyHeader === undefined
        ? {}
        : { [idempotencyHeader]: `${context.runId}/${context.taskId}/${context.attempt}` },
  });
  context.log.info(`${request.method} ${hostOf(request.url)} answered ${answer.status}.`);
  const startedAt = new Date().toISOString();
  if (poll === undefined) return { startedAt, ended: `Answered ${answer.status}` };
  return { startedAt, ...(poll.idPath === undefined ? {} : { jobId: readJobId(answer, poll.idPath) }) };
}

async function pollJob(
  configuration: HttpConfiguration,
  job: JsonObject,
  context: TaskContext,
): Promise<JobPoll> {
  const { poll } = configuration;
  if (poll === undefined) return { done: true, output: { message: textOf(job.ended) } };
  if (
    poll.timeoutMinutes !== undefined &&
    Date.now() - Date.parse(textOf(job.startedAt)) > poll.timeoutMinutes * MINUTE
  ) {
    await cancelJob(configuration, job, context);
    throw new UserError(`The job did not end within ${poll.timeoutMinutes} minutes; it was stopped.`, {
      code: 'JOB_TIMED_OUT',
    });
  }
  const pollAfterMs = poll.intervalSeconds * SECOND;
  const answer = await lookAtJob(configuration, job, context);
  if (answer === null) return { done: false, pollAfterMs };
  const json = parseJson(answer, poll.url);
  const status = valueAt(json, poll.statusPath);
  const said = poll.messagePath === undefined ? undefined : valueAt(json, poll.messagePath);
  const message =
    typeof said === 'string' && said !== '' ? said : `The job ended with status ${JSON.stringify(status)}.`;
  if (poll.successValues.some((value) => value === status)) return { done: true, output: { message } };
  if (poll.failureValues.some((value) => value === status))
    throw new TransientError(message, { code: 'JOB_FAILED' });
  if (status === undefined) {
    throw new UserError(
      `The answer about the job has nothing at "${poll.statusPath}": ${excerpt(answer.body)}`,
      { code: 'NO_JOB_STATUS' },
    );
  }
  return { done: false, pollAfterMs };
}

/** A look that fails for a moment says nothing about the job: it is repeated, and no second job is started. */
async function lookAtJob(
  configuration: HttpConfiguration,
  job: JsonObject,
  context: TaskContext,
): Promise<OutboundAnswer | null> {
  try {
    const url = configuration.poll?.url ?? '';
    return await call(configuration, context, { method: 'GET', url, timeoutMs: pollTimeoutMs, job });
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    context.log.warn(`The job could not be looked at, and will be again: ${error.message}`);
    return null;
  }
}

async function cancelJob(
  configuration: HttpConfiguration,
  job: JsonObject,
  context: TaskContext,
): Promise<void> {
  const { cancel } = configuration;
  if (cancel === undefined || job.ended !== undefined) return;
  const answer = await call(configuration, context, { ...cancel, timeoutMs: pollTimeoutMs, job });
  context.log.info(`The job was told to stop: ${answer.status}.`);
}

interface Call {
  readonly method: string;
  readonly url: string;
  readonly body?: HttpConfiguration['request']['body'];
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly job?: JsonObject;
}

/** Makes a call with the configuration's headers. @throws what `refuseBadStatus` throws for other answers than 2xx. */
async function call(
  configuration: HttpConfiguration,
  context: TaskContext,
  made: Call,
): Promise<OutboundAnswer> {
  const values = placeholdersOf(context, made.job);
  const isJson = made.body !== undefined && typeof made.body !== 'string';
  const headers = {
    ...(isJson ? { 'content-type': 'application/json' } : {}),
    ...Object.fromEntries(
      Object.entries(configuration.request.headers).map(([name, value]) => [
        name.replace(/^#/, ''),
        fillPlaceholders(value, values),
      ]),
    ),
    ...made.headers,
  };
  const answer = await callOutside({
    method: made.method,
    url: fillPlaceholders(made.url, values, encodeURIComponent),
    headers: { ...headers, 'user-agent': 'orchestrator' },
    body: made.body === undefined ? undefined : toBody(made.body, values),
    timeoutMs: made.timeoutMs,
    signal: context.signal,
    allowedHosts: context.settings.httpJobAllowedHosts,
  });
  refuseBadStatus(answer, made);
  return answer;
}

function toBody(body: NonNullable<Call['body']>, values: Placeholders): string {
  if (typeof body === 'string') return fillPlaceholders(body, values);
  return fillPlaceholders(JSON.stringify(body), values, (value) => JSON.stringify(value).slice(1, -1));
}

function refuseBadStatus(answer: OutboundAnswer, { method, url }: Call): void {
  const { status } = answer;
  if (status >= 200 && status < 300) return;
  const sentence = `${method} ${hostOf(url)} answered ${status}: ${excerpt(answer.body) || 'nothing'}`;
  if (status === 408 || status === 429 || status >= 500) {
    throw new TransientError(sentence, { code: `HTTP_${status}`, ...retryAfterOf(answer) });
  }
  throw new UserError(sentence, { code: `HTTP_${status}` });
}

/** `Retry-After` in seconds, or as a date. */
function retryAfterOf({ headers }: OutboundAnswer): { retryAfterMs?: number } {
  const said = headers['retry-after'];
  if (typeof said !== 'string') return {};
  const ms = /^\d+$/.test(said) ? Number(said) * SECOND : Date.parse(said) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? { retryAfterMs: ms } : {};
}

function placeholdersOf({ runId, taskId, attempt }: TaskContext, job: JsonObject | undefined): Placeholders {
  const jobId = job?.jobId;
  return { runId, taskId, attempt: String(attempt), jobId: typeof jobId === 'string' ? jobId : '' };
}

function readJobId(answer: OutboundAnswer, path: string): string {
  const id = valueAt(parseJson(answer, 'The start'), path);
  if (typeof id === 'string' || typeof id === 'number') return String(id);
  throw new UserError(`The answer to the start has no job id at "${path}": ${excerpt(answer.body)}`, {
    code: 'NO_JOB_ID',
  });
}

function parseJson(answer: OutboundAnswer, what: string): unknown {
  try {
    return JSON.parse(answer.body) as unknown;
  } catch (cause) {
    throw new UserError(`${what} did not answer with JSON: ${excerpt(answer.body)}`, {
      code: 'NOT_JSON',
      cause,
    });
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function excerpt(body: string): string {
  return body.slice(0, excerptLength);
}

/** Queries of URLs may hold secrets; the host says enough. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url.slice(0, 100);
}
