import type { Response } from 'express';
import type { z } from 'zod';
import {
  MalformedError,
  isDomainError,
  listIssues,
  type AnyDomainError,
  type ErrorKind,
  type Issue,
} from '../domain/errors';
import { toIssues } from '../domain/model/issues';
import type { Logger } from '../logger';
import { isDatabaseUnavailable } from '../store/unavailable';
import type { Problem } from './contracts/problem';

/** The only place that turns errors into HTTP. */

/** An error that exists only in HTTP, e.g. a missing token. */
export class HttpError extends Error {
  constructor(
    readonly status: 400 | 401 | 404 | 405 | 409 | 413 | 415 | 428,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

const statusOfKind: Record<ErrorKind, number> = {
  malformed: 400,
  validation: 422,
  notFound: 404,
  conflict: 409,
  preconditionFailed: 412,
  forbidden: 403,
  user: 422,
  transient: 503,
  unavailable: 503,
};

const titles: Readonly<Record<number, string>> = {
  400: 'Malformed request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Not possible now',
  412: 'Changed in the meantime',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Not valid',
  428: 'Version needed',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Not available',
};

/** What a body parser says by its type. */
const parserErrors: Readonly<Record<string, [status: 400 | 413 | 415, code: string, detail: string]>> = {
  'entity.parse.failed': [400, 'MALFORMED_JSON', 'The body is not JSON'],
  'entity.too.large': [413, 'TOO_LARGE', 'The body is larger than 10 MB'],
  'encoding.unsupported': [415, 'UNSUPPORTED_ENCODING', 'The encoding of the body is not supported'],
  'charset.unsupported': [415, 'UNSUPPORTED_CHARSET', 'The body must be UTF-8'],
  'request.aborted': [400, 'ABORTED', 'The request ended before its body did'],
  'request.size.invalid': [400, 'BAD_LENGTH', 'The body is not as long as Content-Length says'],
};

/** The HTTP status of one of the product's errors. */
export function statusOf(error: AnyDomainError): number {
  return statusOfKind[error.kind];
}

/** Answers an error. What is not one of ours is a bug: it is logged, and the caller sees an id only. */
export function sendProblem(response: Response, error: unknown, requestId: string, logger: Logger): void {
  if (response.headersSent) {
    // A stream that broke off: the connection is all that is left to say so with.
    logger.warn({ requestId, err: error }, 'An answer broke off.');
    response.destroy();
    return;
  }
  const { headers, ...problem } = toProblem(error, requestId);
  if (problem.status === 500) logger.error({ requestId, err: error }, 'A request failed unexpectedly.');
  response
    .status(problem.status)
    .set(headers)
    .type('application/problem+json')
    .send(JSON.stringify(problem satisfies Problem));
}

function toProblem(error: unknown, requestId: string): Problem & { headers: Record<string, string> } {
  const make = (
    status: number,
    code: string,
    detail: string,
    rest: { errors?: Issue[]; headers?: Record<string, string> } = {},
  ) => ({
    type: `urn:orchestrator:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title: titles[status] ?? 'Error',
    status,
    code,
    detail,
    requestId,
    ...(rest.errors === undefined || rest.errors.length === 0 ? {} : { errors: rest.errors }),
    headers: rest.headers ?? {},
  });
  if (error instanceof HttpError)
    return make(error.status, error.code, error.message, { headers: { ...error.headers } });
  if (isDomainError(error)) {
    const issues = 'issues' in error ? [...error.issues] : [];
    const headers: Record<string, string> = statusOfKind[error.kind] === 503 ? { 'Retry-After': '5' } : {};
    return make(statusOfKind[error.kind], error.code, error.message, { errors: issues, headers });
  }
  const parser = parserErrors[typeOf(error)];
  if (parser !== undefined) return make(...parser);
  if (isBodyError(error)) return make(400, 'BAD_BODY', `The body cannot be read: ${error.message}.`);
  if (error instanceof URIError) return make(400, 'BAD_PATH', 'The path is not encoded as a URL is.');
  if (isDatabaseUnavailable(error)) {
    return make(503, 'DATABASE_UNAVAILABLE', 'PostgreSQL does not answer. Try again in a moment.', {
      headers: { 'Retry-After': '5' },
    });
  }
  return make(500, 'INTERNAL', `Something went wrong here; the log has it under ${requestId}.`);
}

/** What the body parser throws without a type of its own, e.g. for a body that is not what Content-Encoding says. */
function isBodyError(error: unknown): error is Error {
  return error instanceof Error && 'status' in error && error.status === 400;
}

function typeOf(error: unknown): string {
  return error instanceof Error && 'type' in error && typeof error.type === 'string' ? error.type : '';
}

/** What zod found wrong, in the contract's form. Keys that are not known are named one by one. */
export function toMalformed(what: string, error: z.ZodError): MalformedError {
  const issues = toIssues(error);
  return new MalformedError(`${what} cannot be used: ${listIssues(issues)}`, issues);
}
