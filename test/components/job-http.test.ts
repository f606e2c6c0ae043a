import type { ServerResponse } from 'node:http';
import { jobHttp } from '../../src/components/job-http/job-http';
import type { RemoteJob } from '../../src/components/component';
import type { JsonObject } from '../../src/domain/model/json';
import { json, startHttpServer, type Received, type TestHttpServer } from '../support/http-server';
import { aTaskContext } from '../support/task-context';

let answer: (request: Received, response: ServerResponse) => void;
let server: TestHttpServer;
beforeEach(async () => {
  server = await startHttpServer((request, response) => {
    answer(request, response);
  });
});
afterEach(() => server.close());

function remoteJob(): RemoteJob<unknown> {
  if (jobHttp.execution.kind !== 'job') throw new TypeError('job-http runs a job.');
  return jobHttp.execution.job;
}

async function start(configuration: JsonObject, allowed: readonly string[] = ['127.0.0.1']) {
  const { context, close } = await aTaskContext({ httpJobAllowedHosts: allowed, attempt: 2 });
  try {
    return await remoteJob().start(configuration, context);
  } finally {
    await close();
  }
}

const request = (path: string, rest: JsonObject = {}) => ({
  request: { method: 'POST', url: `${server.url}${path}`, ...rest },
});

describe('a call', () => {
  it('fills its placeholders, sends secret headers by their real name, and an idempotency key', async () => {
    answer = (_, response) => {
      json(response, 200, {});
    };
    await start({
      ...request('/runs/{{runId}}?task={{taskId}}', {
        headers: { '#authorization': 'Bearer s3cret', 'x-attempt': '{{attempt}}' },
        body: { run: '{{runId}}' },
      }),
      idempotencyHeader: 'Idempotency-Key',
    });
    expect(server.received).toMatchObject([
      {
        method: 'POST',
        path: '/runs/run_1?task=tsk_1',
        headers: {
          authorization: 'Bearer s3cret',
          'x-attempt': '2',
          'idempotency-key': 'run_1/tsk_1/2',
          'content-type': 'application/json',
        },
        body: '{"run":"run_1"}',
      },
    ]);
  });

  it.each([
    [400, 'user'],
    [404, 'user'],
    [408, 'transient'],
    [429, 'transient'],
    [500, 'transient'],
    [503, 'transient'],
  ])('answered %i is a %s error with the first letters of the answer', async (status, kind) => {
    answer = (_, response) => {
      response.writeHead(status, { 'retry-after': '7' }).end('x'.repeat(2_000));
    };
    const failure = { kind, code: `HTTP_${status}`, message: expect.stringMatching(/x{500}$/) as string };
    await expect(start(request('/'))).rejects.toMatchObject(
      kind === 'user' ? failure : { ...failure, retryAfterMs: 7_000 },
    );
  });

  it('that is cut off, or not answered in time, is a transient error that names the host', async () => {
    answer = (_, response) => response.destroy();
    await expect(start(request('/'))).rejects.toMatchObject({ code: 'HTTP_UNREACHABLE' });
    answer = () => undefined;
    await expect(start(request('/', { timeoutSeconds: 0.2 }))).rejects.toThrow(/no answer within 0.2 s/);
  });

  it.each([
    'http://127.0.0.1:1/',
    'http://localhost:1/',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://169.254.169.254/latest',
    'http://0.0.0.0/',
    'http://2130706433/',
    'file:///etc/passwd',
  ])('to %s is refused', async (url) => {
    await expect(start({ request: { method: 'GET', url } }, [])).rejects.toMatchObject({ kind: 'user' });
  });

  it('is not redirected to where it may not go, and takes no secret to another host', async () => {
    const other = await startHttpServer((_, response) => {
      json(response, 200, {});
    });
    answer = (_, response) => response.writeHead(307, { location: `${other.url}/stolen` }).end();
    const secret = { headers: { '#authorization': 'Bearer s3cret' } };
    await expect(start(request('/', secret), [server.url.slice('http://'.length)])).rejects.toMatchObject({
      code: 'PRIVATE_TARGET',
    });
    expect(other.received).toEqual([]);
    await start(request('/', secret));
    expect(other.received[0]?.headers.authorization).toBeUndefined();
    await other.close();
  });
});

describe('a job', () => {
  const poll = () => ({
    url: `${server.url}/jobs/{{jobId}}`,
    intervalSeconds: 0.05,
    idPath: 'data.id',
    statusPath: 'state.name',
    successValues: ['done'],
    failureValues: ['failed'],
    messagePath: 'state.text',
  });
  const configuration = () => ({
    ...request('/jobs'),
    poll: poll(),
    cancel: { method: 'DELETE', url: `${server.url}/jobs/{{jobId}}` },
  });

  it('is started once and followed to its end, through a moment of trouble', async () => {
    const { context, close } = await aTaskContext();
    const looks = [() => 500, () => ({ name: 'running' }), () => ({ name: 'done', text: 'All of it.' })];
    answer = ({ method }, response) => {
      if (method === 'POST') {
        json(response, 201, { data: { id: 42 } });
        return;
      }
      const look = looks.shift()?.();
      if (typeof look === 'number') json(response, look, {});
      else json(response, 200, { state: look });
    };
    const job = await remoteJob().start(configuration(), context);
    expect(job).toMatchObject({ jobId: '42' });
    expect(await remoteJob().poll(configuration(), job, context)).toMatchObject({
      done: false,
      pollAfterMs: 50,
    });
    expect(await remoteJob().poll(configuration(), job, context)).toMatchObject({ done: false });
    expect(await remoteJob().poll(configuration(), job, context)).toEqual({
      done: true,
      output: { message: 'All of it.' },
    });
    expect(server.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /jobs',
      'GET /jobs/42',
      'GET /jobs/42',
      'GET /jobs/42',
    ]);
    await close();
  });

  it('that failed is an error with its own message, and a cancel reaches the other side', async () => {
    const { context, close } = await aTaskContext();
    answer = (_, response) => {
      json(response, 200, { state: { name: 'failed', text: 'No disk.' } });
    };
    await expect(remoteJob().poll(configuration(), { jobId: '42' }, context)).rejects.toMatchObject({
      code: 'JOB_FAILED',
      message: 'No disk.',
    });
    await remoteJob().cancel(configuration(), { jobId: '42' }, context);
    expect(server.received.at(-1)).toMatchObject({ method: 'DELETE', path: '/jobs/42' });
    await close();
  });
});
