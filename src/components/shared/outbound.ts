import { lookup as lookUp, type LookupAddress } from 'node:dns';
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { TransientError, UserError } from '../../domain/errors';

/** Calls to the outside, which must not become calls to the inside: private and link-local addresses are refused. */

export interface OutboundRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** `host` or `host:port`: may be called although private. */
  readonly allowedHosts: readonly string[];
}

export interface OutboundAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const longestBodyBytes = 1_048_576;
const mostRedirects = 5;
const redirects = new Set([301, 302, 303, 307, 308]);
/** Sent on to another host, these would hand a secret to a stranger. */
const secretHeaders = new Set(['authorization', 'cookie', 'proxy-authorization']);

/**
 * Makes a request and follows its redirects, each checked like the first.
 *
 * @throws UserError for a target that is not allowed or a URL that cannot be used; TransientError when the other
 * side cannot be reached, answers too slowly or breaks off.
 */
export async function callOutside(request: OutboundRequest): Promise<OutboundAnswer> {
  let current = request;
  for (let hop = 0; hop <= mostRedirects; hop += 1) {
    const answer = await callOnce(current);
    const { location } = answer.headers;
    if (!redirects.has(answer.status) || typeof location !== 'string') return answer;
    current = redirected(current, answer.status, location);
  }
  throw new UserError(`${request.url} redirects more than ${mostRedirects} times.`, {
    code: 'TOO_MANY_REDIRECTS',
  });
}

function redirected(request: OutboundRequest, status: number, location: string): OutboundRequest {
  const from = parseUrl(request.url);
  const to = parseUrl(new URL(location, from).href);
  const asGet = status === 303 || (status < 307 && request.method === 'POST');
  const headers =
    from.host === to.host
      ? request.headers
      : Object.fromEntries(
          Object.entries(request.headers).filter(([name]) => !secretHeaders.has(name.toLowerCase())),
        );
  return { ...request, url: to.href, headers, ...(asGet ? { method: 'GET', body: undefined } : {}) };
}

async function callOnce(request: OutboundRequest): Promise<OutboundAnswer> {
  const url = parseUrl(request.url);
  const mayBePrivate = isAllowed(url, request.allowedHosts);
  if (!mayBePrivate && isIP(bare(url.hostname)) !== 0) refusePrivate(url.hostname, bare(url.hostname));
  const timeout = AbortSignal.timeout(request.timeoutMs);
  const signal = AbortSignal.any([request.signal, timeout]);
  try {
    return await send(url, request, { signal, ...(mayBePrivate ? {} : { lookup: publicOnly }) });
  } catch (error) {
    if (request.signal.aborted || error instanceof UserError) throw error;
    const why = timeout.aborted ? `no answer within ${request.timeoutMs / 1_000} s` : messageOf(error);
    throw new TransientError(`${url.host} cannot be called: ${why}.`, {
      code: 'HTTP_UNREACHABLE',
      cause: error,
    });
  }
}

function send(url: URL, request: OutboundRequest, options: RequestOptions): Promise<OutboundAnswer> {
  const { promise, resolve, reject } = deferred<OutboundAnswer>();
  const call = url.protocol === 'https:' ? requestHttps : requestHttp;
  const outgoing = call(url, { ...options, method: request.method, headers: request.headers, agent: false });
  outgoing.on('error', reject);
  outgoing.on('response', (response) => {
    readBody(response).then((body) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
    }, reject);
  });
  outgoing.end(request.body);
  return promise;
}

/** Reads at most a megabyte; what comes after it is of no use here. */
async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= longestBodyBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, longestBodyBytes).toString('utf8');
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new UserError(`"${text.slice(0, 200)}" is not a URL that begins with http:// or https://.`, {
      code: 'BAD_URL',
    });
  }
  return url;
}

function isAllowed(url: URL, allowedHosts: readonly string[]): boolean {
  const host = bare(url.hostname);
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return allowedHosts.some(
    (allowed) => allowed === host || allowed === `${host}:${port}` || allowed === `[${host}]:${port}`,
  );
}

/** Looks a name up and answers public addresses only; the connection goes to exactly those. */
const publicOnly: LookupFunction = (hostname, options, callback) => {
  lookUp(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) {
      callback(error, '', 0);
      return;
    }
    try {
      for (const { address } of addresses) refusePrivate(hostname, address);
    } catch (refusal) {
      callback(refusal as Error, '', 0);
      return;
    }
    answerLookup(addresses, options.all === true, callback);
  });
};

function answerLookup(
  addresses: LookupAddress[],
  all: boolean,
  callback: Parameters<LookupFunction>[2],
): void {
  const [first] = addresses;
  if (all) callback(null, addresses);
  else callback(null, first?.address ?? '', first?.family);
}

/** Everything but addresses of the open internet is refused, also when it is written as IPv6. */
function refusePrivate(host: string, address: string): void {
  const parsed = ipaddr.process(address);
  if (parsed.range() === 'unicast') return;
  throw new UserError(
    `${host} is at ${address}, which is not an address of the open internet (${parsed.range()}). An administrator can allow it with HTTP_JOB_ALLOWED_HOSTS.`,
    { code: 'PRIVATE_TARGET' },
  );
}

/** IPv6 addresses stand in brackets in a URL. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((onValue, onReason) => {
    resolve = onValue;
    reject = onReason;
  });
  return { promise, resolve, reject };
}
