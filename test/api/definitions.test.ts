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

const wait = { componentId: 'job-wait', configuration: { seconds: 0 } };
const drafted = (phases: unknown[] = [{ name: 'One', tasks: [wait] }]) => ({ name: 'Opportunities', phases });
const connection = { host: 'db', database: 'crm', user: 'reader', '#password': 'correct horse battery' };
const extraction = { connection, tables: [{ table: 'in.crm.accounts', sourceTable: 'accounts' }] };

describe('an orchestration', () => {
  it('is created with ids and defaults, and read back', async () => {
    const { status, headers, body } = await api.call('POST', '/orchestrations', drafted());
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/api/v1/orchestrations/${String(body.id)}`);
    expect(headers.get('etag')).toBe('"1"');
    expect(body).toMatchObject({
      name: 'Opportunities',
      enabled: true,
      version: 1,
      overlap: 'queue',
      limits: { maxParallelTasks: null },
      phases: [
        {
          name: 'One',
          tasks: [{ name: 'Wait', action: 'run', retry: { maximumAttempts: 3 }, onExhausted: 'fail' }],
        },
      ],
    });
    expect((await api.call('GET', `/orchestrations/${String(body.id)}`)).body).toEqual(body);
  });

  it('can be sent back as it was answered, and empty phases are dropped', async () => {
    const { body } = await api.call(
      'POST',
      '/orchestrations',
      drafted([
        { name: 'One', tasks: [wait] },
        { name: 'Empty', tasks: [] },
      ]),
    );
    const put = await api.call('PUT', `/orchestrations/${String(body.id)}`, body, { 'if-match': '"1"' });
    expect(put.status).toBe(200);
    expect(put.body).toMatchObject({ phases: body.phases, version: 2 });
    expect(put.body.phases).toHaveLength(1);
  });

  it('is answered with all its problems at once, each with its path', async () => {
    const { status, body } = await api.call(
      'POST',
      '/orchestrations',
      drafted([
        {
          name: 'One',
          tasks: [{ componentId: 'job-unknown', configuration: {} }, { componentId: 'job-wait' }],
        },
        {
          name: 'one',
          tasks: [
            { componentId: 'job-wait', configuration: { seconds: -1 } },
            { componentId: 'job-wait', configurationId: 'cfg_x' },
          ],
        },
      ]),
    );
    expect(status).toBe(422);
    expect((body.errors as { path: string }[]).map((error) => error.path)).toEqual([
      'phases.1.name',
      'phases.0.tasks.0.componentId',
      'phases.0.tasks.1',
      'phases.1.tasks.0.configuration.seconds',
      'phases.1.tasks.1.configurationId',
    ]);
  });

  it('is written by exactly one of fifty writers per version, and no version is lost (story 17)', async () => {
    const { body } = await api.call('POST', '/orchestrations', drafted());
    const path = `/orchestrations/${String(body.id)}`;
    for (let version = 1; version <= 3; version += 1) {
      const writes = Array.from({ length: 50 }, (_, n) =>
        api.call('PUT', path, { ...drafted(), description: `writer ${n}` }, { 'if-match': `"${version}"` }),
      );
      const statuses = (await Promise.all(writes)).map((answer) => answer.status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status === 412)).toHaveLength(49);
    }
    const stored = await database.db
      .selectFrom('orchestration_versions')
      .select('version')
      .where('orchestration_id', '=', String(body.id))
      .execute();
    expect(stored.map((row) => row.version).sort()).toEqual([1, 2, 3, 4]);
  });

  it('needs If-Match to be changed, and answers 404 from the trash', async () => {
    const { body } = await api.call('POST', '/orchestrations', drafted());
    const path = `/orchestrations/${String(body.id)}`;
    expect((await api.call('PUT', path, drafted())).status).toBe(428);
    expect((await api.call('PUT', path, drafted(), { 'if-match': 'three' })).status).toBe(400);
    expect((await api.call('DELETE', path, undefined, { 'if-match': '"9"' })).status).toBe(412);
    expect((await api.call('DELETE', path, undefined, { 'if-match': '"1"' })).status).toBe(204);
    expect((await api.call('GET', path)).status).toBe(404);
  });

  it('of ten thousand tasks is taken whole', async () => {
    const tasks = Array.from({ length: 10_000 }, (_, n) => ({ ...wait, name: `Task ${n}` }));
    const { status, body } = await api.call('POST', '/orchestrations', drafted([{ name: 'Many', tasks }]));
    expect(status).toBe(201);
    expect((body.phases as { tasks: unknown[] }[])[0]?.tasks).toHaveLength(10_000);
  });
});

describe('a configuration', () => {
  it('keeps its secrets to itself, and keeps them when the mask comes back', async () => {
    const path = '/components/extractor-postgres/configurations';
    const created = await api.call('POST', path, { name: 'CRM', configuration: extraction });
    expect(created.status).toBe(201);
    expect(JSON.stringify(created.body)).not.toContain('correct horse');
    expect(created.body).toMatchObject({ configuration: { connection: { '#password': '********' } } });
    const one = `${path}/${String(created.body.id)}`;
    const put = await api.call('PUT', one, { ...created.body, name: 'CRM 2' }, { 'if-match': '"1"' });
    expect(put.body).toMatchObject({ name: 'CRM 2', version: 2 });
    const rows = await database.db.selectFrom('configuration_versions').select('content').execute();
    expect(JSON.stringify(rows)).not.toContain('correct horse');
    const sealed = rows.map((row) => (row.content.connection as { '#password': string })['#password']);
    expect(sealed[1]).toBe(sealed[0]);
  });

  it('that does not fit its component is refused with the paths', async () => {
    const { status, body } = await api.call('POST', '/components/job-wait/configurations', {
      name: 'Bad',
      configuration: { seconds: 'x', y: 1 },
    });
    expect(status).toBe(422);
    expect((body.errors as { path: string }[])[0]?.path).toBe('configuration.seconds');
  });

  it('answers an action with the database it cannot reach, never with its password', async () => {
    const unreachable = { ...extraction, connection: { ...connection, host: '127.0.0.1', port: 1 } };
    const { body } = await api.call('POST', '/components/extractor-postgres/configurations', {
      name: 'Gone',
      configuration: unreachable,
    });
    const path = `/components/extractor-postgres/configurations/${String(body.id)}/actions/testConnection`;
    const answer = await api.call('POST', path);
    expect([answer.status, answer.body.code]).toEqual([422, 'DATABASE_UNREACHABLE']);
    expect(answer.body.detail).toContain('127.0.0.1:1');
    expect(JSON.stringify(answer.body)).not.toContain('horse');
    expect((await api.call('POST', path.replace('testConnection', 'dance'))).status).toBe(404);
  });
});
