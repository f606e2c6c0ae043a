import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import type { z } from 'zod';
import type { Caller } from '../services/caller';
import { authorize, type Authenticator } from './auth';
import type { Endpoint } from './contracts/endpoint';
import type { IdempotencyKeeper } from './idempotency';
import { inspectJson } from './inspect-json';
import { HttpError, toMalformed } from './problems';

/** What a handler is given: everything checked, nothing of Express but for streams. */
export interface Call<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** From `If-Match`, where the endpoint needs it; else 0. */
  readonly expectedVersion: number;
  readonly caller: Caller;
  /** Aborted when the caller has gone. */
  readonly signal: AbortSignal;
  readonly request: Request;
  readonly response: Response;
}

/** What a handler answers; a stream handler writes to `response` itself and answers nothing. */
export interface Reply {
  /** Where it is another one than the contract's. */
  readonly status?: 200;
  readonly body?: unknown;
  /** Of an edited thing; becomes the `ETag`. */
  readonly version?: number;
  /** Path of what was created or started, below `/api/v1`. */
  readonly location?: string;
}

export type Handler<E extends Endpoint> = (
  call: Call<z.output<E['params']>, z.output<E['query']>, BodyOf<E>>,
) => Promise<Reply> | Reply;

type BodyOf<E extends Endpoint> =
  Extract<E['body'], z.ZodType> extends infer B extends z.ZodType ? z.output<B> : undefined;

export interface BindingTools {
  readonly authenticator: Authenticator;
  readonly idempotency: IdempotencyKeeper;
}

export const basePath = '/api/v1';

const parseJson: RequestHandler = express.json({
  limit: '10mb',
  strict: false,
  type: ['application/json', 'application/*+json'],
});

const parseForm: RequestHandler = express.urlencoded({ limit: '1mb', extended: false });

/** An endpoint with the code that answers it. */
export interface Binding {
  readonly endpoint: Endpoint;
  readonly mount: (router: Router, tools: BindingTools) => void;
}

/** Joins an endpoint's contract with its handler. */
export function bind<E extends Endpoint>(endpoint: E, handler: Handler<E>): Binding {
  return {
    endpoint,
    mount(router, tools) {
      const path = endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1');
      const answer: RequestHandler = async (request, response) => {
        await respond({ endpoint, handler: handler, tools }, request, response);
      };
      router[endpoint.method](path, answer);
    },
  };
}

interface Bound {
  readonly endpoint: Endpoint;
  readonly handler: Handler<Endpoint>;
  readonly tools: BindingTools;
}

async function respond(
  { endpoint, handler, tools }: Bound,
  request: Request,
  response: Response,
): Promise<void> {
  // Before the body is read: a stranger's megabytes are not worth parsing.
  const caller =
    endpoint.permission === 'none' ? nobody : authorize(request, endpoint.permission, tools.authenticator);
  const body = await readBody(endpoint, request, response);
  const call = {
    params: checked(endpoint.params, request.params, 'The path'),
    query: checked(endpoint.query, request.query, 'The query'),
    body,
    expectedVersion: endpoint.ifMatch ? readIfMatch(request) : 0,
    caller,
    signal: closedSignal(response),
    request,
    response,
  };
  if (endpoint.success.kind === 'stream') {
    await handler(call);
    return;
  }
  const act = async () => toAnswer(endpoint, await handler(call));
  const answer = endpoint.idempotent ? await tools.idempotency.once(request, caller, act) : await act();
  response.status(answer.status).set(answer.headers);
  if (answer.body === '') response.end();
  else response.type('application/json').send(answer.body);
}

const nobody: Caller = { id: 'nobody', name: 'Nobody', type: 'user', role: 'viewer' };

function toAnswer({ success }: Endpoint, reply: Reply) {
  const { status = success.status, version, location } = reply;
  const headers = {
    ...(version === undefined ? {} : { ETag: `"${version}"` }),
    ...(location === undefined ? {} : { Location: `${basePath}${location}` }),
  };
  const body = success.kind === 'json' ? JSON.stringify(reply.body) : '';
  return { status, headers, body };
}

async function readBody(endpoint: Endpoint, request: Request, response: Response): Promise<unknown> {
  if (endpoint.body === null || endpoint.body === 'upload') return undefined;
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  const hasBody = encoding !== undefined || (length !== undefined && length !== '0');
  const isForm = endpoint.form && request.is('application/x-www-form-urlencoded') !== false;
  if (hasBody && !isForm && request.is(['application/json', 'application/*+json']) === false) {
    throw new HttpError(415, 'NOT_JSON', 'Send the body as application/json.');
  }
  await new Promise<void>((resolve, reject) => {
    (isForm ? parseForm : parseJson)(request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(error instanceof Error ? error : new TypeError('The body cannot be read.'));
    });
  });
  const body: unknown = request.body ?? {};
  inspectJson(body);
  return checked(endpoint.body, body, 'The body');
}

function checked(schema: z.ZodType, value: unknown, what: string): unknown {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw toMalformed(what, parsed.error);
  return parsed.data;
}

function readIfMatch(request: Request): number {
  const header = request.get('if-match');
  if (header === undefined) {
    throw new HttpError(
      428,
      'IF_MATCH_REQUIRED',
      'Send If-Match with the ETag of the version that you have seen.',
    );
  }
  const version = /^(?:W\/)?"(\d{1,9})"$/.exec(header.trim())?.[1];
  if (version === undefined) {
    throw new HttpError(
      400,
      'BAD_IF_MATCH',
      `If-Match must be an ETag such as "3"; found ${header.slice(0, 50)}.`,
    );
  }
  return Number(version);
}

function closedSignal(response: Response): AbortSignal {
  const closed = new AbortController();
  response.on('close', () => {
    closed.abort();
  });
  return closed.signal;
}
