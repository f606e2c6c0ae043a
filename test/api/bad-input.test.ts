import { createTestDatabase, type TestDatabase } from '../support/database';
import { startTestApi, type TestApi } from '../support/api';

let database: TestDatabase;
let api: TestApi;
beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi({ db: database.db });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const deep = `${'['.repeat(1_000)}${']'.repeat(1_000)}`;

describe('bad input', () => {
  it.each<[string, number, string, string]>([
    ['malformed JSON', 400, 'MALFORMED_JSON', '{"name": '],
    ['an unknown key', 400, 'MALFORMED', '{"name": "x", "surprise": 1}'],
    ['a wrong type', 400, 'MALFORMED', '{"name": 7}'],
    ['no object', 400, 'MALFORMED', '[]'],
    ['NUL in a text', 400, 'MALFORMED', '{"name": "a\\u0000b"}'],
    ['half of a character', 400, 'MALFORMED', '{"name": "\\ud800"}'],
    ['a key that means the prototype', 400, 'MALFORMED', '{"name": "x", "__proto__": {"admin": true}}'],
    ['a thousand levels', 400, 'MALFORMED', `{"name": "x", "parameters": ${deep}}`],
    [
      'an unknown component',
      422,
      'VALIDATION_FAILED',
      '{"name": "x", "phases": [{"name": "p", "tasks": [{"componentId": "no", "configuration": {}}]}]}',
    ],
  ])('%s is answered %i %s', async (_, status, code, body) => {
    const answer = await api.call('POST', '/orchestrations', body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ status, code, requestId: expect.stringMatching(/^req_/) as string });
  });

  it('names each unknown key with its path', async () => {
    const { body } = await api.call('POST', '/orchestrations', {
      name: 'x',
      phases: [{ name: 'p', colour: 1, tasks: [{ componentId: 'job-wait', seconds: 1 }] }],
    });
    expect((body.errors as { path: string }[]).map((error) => error.path).sort()).toEqual([
      'phases.0.colour',
      'phases.0.tasks.0.seconds',
    ]);
    expect(body.detail).toContain('phases.0.colour: This key is not known');
  });

  it('of 20 MB is too large', async () => {
    const { status, body } = await api.call('POST', '/orchestrations', {
      name: 'x',
      description: 'x'.repeat(20_000_000),
    });
    expect([status, body.code]).toEqual([413, 'TOO_LARGE']);
  });

  it('that is not JSON is refused by its type', async () => {
    expect(
      (await api.call('POST', '/orchestrations', 'name=x', { 'content-type': 'text/plain' })).status,
    ).toBe(415);
  });

  it('that is not compressed as it says is refused', async () => {
    const answer = await api.call('POST', '/orchestrations', '{"name": "x"}', { 'content-encoding': 'gzip' });
    expect([answer.status, answer.body.code]).toEqual([400, 'BAD_BODY']);
  });

  it('needs a token that is known', async () => {
    for (const authorization of ['', 'Bearer wrong', 'Basic x', 'Bearer ']) {
      const answer = await api.call('GET', '/orchestrations', undefined, { authorization });
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    }
  });

  it('finds nothing where nothing is, and says which methods there are', async () => {
    expect((await api.call('GET', '/orchestrations/orc_none')).status).toBe(404);
    expect((await api.call('GET', '/schedules/preview')).status).toBe(404);
    const wrong = await api.call('DELETE', '/orchestrations');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, POST']);
  });

  it('in the query is refused', async () => {
    expect((await api.call('GET', '/orchestrations?limit=201')).status).toBe(400);
    expect((await api.call('GET', '/orchestrations?colour=red')).status).toBe(400);
    expect((await api.call('GET', '/tables/..%2F..%2Fetc')).status).toBe(400);
  });

  it('changes nothing', async () => {
    expect((await api.call('GET', '/orchestrations')).body).toEqual({ items: [], nextCursor: null });
  });
});

describe('the system', () => {
  it('is alive without being ready, and says which part is missing', async () => {
    expect((await fetch(`${api.url}/health/live`)).status).toBe(200);
    const ready = await fetch(`${api.url}/health/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({
      ready: false,
      parts: { postgres: { ok: true }, worker: { ok: false, detail: 'none' } },
    });
  });

  it('shows its numbers to Prometheus', async () => {
    const text = await (await fetch(`${api.url}/metrics`)).text();
    expect(text).toMatch(/orchestrator_runs\{status="success"\} 0/);
  });

  it('describes every endpoint in OpenAPI, without a token', async () => {
    const document = (await (await fetch(`${api.url}/api/v1/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { operationId: string; responses: object }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    const names = operations.map((operation) => operation.operationId);
    expect(names).toContain('startRun');
    expect(new Set(names).size).toBe(names.length);
    for (const operation of operations) expect(Object.keys(operation.responses).length).toBeGreaterThan(2);
  });

  it('names what it describes: every reference of the OpenAPI document leads somewhere', async () => {
    const text = await (await fetch(`${api.url}/api/v1/openapi.json`)).text();
    const { components } = JSON.parse(text) as { components: { schemas: Record<string, object> } };
    const names = Object.keys(components.schemas);
    expect(names).toEqual(expect.arrayContaining(['Json', 'Orchestration', 'Problem', 'Run', 'Table']));
    expect(names.filter((name) => name.startsWith('__'))).toEqual([]);
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference ?? '');
    expect(references.length).toBeGreaterThan(20);
    for (const reference of references)
      expect(names.map((name) => `#/components/schemas/${name}`)).toContain(reference);
  });
});
