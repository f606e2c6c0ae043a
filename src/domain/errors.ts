/**
 * The closed set of errors. Everything else that is thrown is a bug.
 *
 * `activities/task/failures.ts` translates them for Temporal, `api/problems.ts` for HTTP; no other place knows
 * the outer vocabularies. Cancellation is not an error and is not in this set.
 */

/** One problem inside a body: where, and what was found and expected there. */
export interface Issue {
  /** Dotted path from the root, e.g. `phases.0.tasks.2.componentId`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** The first problems in one sentence: `phases.0.name: Too long; …`. */
export function listIssues(issues: readonly Issue[]): string {
  const shown = issues.slice(0, mostListed).map(({ path, message }) => {
    const sentence = message.replace(/\.$/, '');
    return path === '' ? sentence : `${path}: ${sentence}`;
  });
  const more = issues.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}

const mostListed = 3;

export interface ErrorOptions {
  /** Stable, upper snake case; programs branch on it. */
  readonly code?: string;
  readonly cause?: unknown;
}

abstract class DomainError extends Error {
  abstract readonly kind: ErrorKind;
  readonly code: string;

  protected constructor(message: string, defaultCode: string, options: ErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code ?? defaultCode;
    this.name = new.target.name;
  }
}

export type ErrorKind =
  | 'malformed'
  | 'validation'
  | 'notFound'
  | 'conflict'
  | 'preconditionFailed'
  | 'forbidden'
  | 'user'
  | 'transient'
  | 'unavailable';

/** The body cannot be read: not JSON, unknown keys, wrong types (HTTP 400). */
export class MalformedError extends DomainError {
  readonly kind = 'malformed';
  constructor(
    message: string,
    readonly issues: readonly Issue[] = [],
    options: ErrorOptions = {},
  ) {
    super(message, 'MALFORMED', options);
  }
}

/** The request is understood but wrong: unknown component, bad cron, nothing to run (HTTP 422). */
export class ValidationError extends DomainError {
  readonly kind = 'validation';
  constructor(
    message: string,
    readonly issues: readonly Issue[] = [],
    options: ErrorOptions = {},
  ) {
    super(message, 'VALIDATION_FAILED', options);
  }
}

/** The named thing does not exist, or is in the trash (HTTP 404). */
export class NotFoundError extends DomainError {
  readonly kind = 'notFound';
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, 'NOT_FOUND', options);
  }
}

/** Not possible in the present state (HTTP 409). */
export class ConflictError extends DomainError {
  readonly kind = 'conflict';
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, 'CONFLICT', options);
  }
}

/** Somebody else wrote first: the version in `If-Match` is no longer the current one (HTTP 412). */
export class PreconditionFailedError extends DomainError {
  readonly kind = 'preconditionFailed';
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, 'STALE_VERSION', options);
  }
}

/** The caller is known but may not do this (HTTP 403). */
export class ForbiddenError extends DomainError {
  readonly kind = 'forbidden';
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, 'FORBIDDEN', options);
  }
}

/**
 * A task failed for a reason that the user can fix by changing configuration, data or access.
 * Never retried automatically.
 */
export class UserError extends DomainError {
  readonly kind = 'user';
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, 'USER_ERROR', options);
  }
}

/** The other side is busy or broken for now: network, 5xx, 429. Retried by the task's policy. */
export class TransientError extends DomainError {
  readonly kind = 'transient';
  /** Milliseconds that the other side asked to wait, e.g. from `Retry-After`. */
  readonly retryAfterMs: number | undefined;
  constructor(message: string, options: ErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, 'TRANSIENT', options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** A part of the product itself is away: PostgreSQL or Temporal does not answer (HTTP 503). */
export class UnavailableError extends DomainError {
  readonly kind = 'unavailable';
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, 'UNAVAILABLE', options);
  }
}

const domainErrors = [
  MalformedError,
  ValidationError,
  NotFoundError,
  ConflictError,
  PreconditionFailedError,
  ForbiddenError,
  UserError,
  TransientError,
  UnavailableError,
] as const;

export type AnyDomainError = InstanceType<(typeof domainErrors)[number]>;

/** Whether a thrown value belongs to the closed set. */
export function isDomainError(error: unknown): error is AnyDomainError {
  return domainErrors.some((kind) => error instanceof kind);
}

/**
 * The code of an error of Node, PostgreSQL or this product, e.g. `ENOENT`; empty for none. Does not ask whether it
 * is an `Error`: one from another realm, as in a test runner, is not this realm's.
 */
export function errorCodeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** The sentence of an error, whatever realm it is from. */
export function errorMessageOf(error: unknown): string {
  const isError = typeof error === 'object' && error !== null && 'message' in error;
  return isError && typeof error.message === 'string' ? error.message : String(error);
}
