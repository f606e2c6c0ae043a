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

const nested = (orchestrationId: string) => ({
  componentId: 'orchestration',
  configuration: { orchestrationId },
});
const saved = (configurationId: string) => ({ componentId: 'orchestration', configurationId });
const wait = { componentId: 'job-wait', configuration: { seconds: 0 } };

async function create(name: string, ...tasks: object[]): Promise<string> {
  const { status, body } = await api.call('POST', '/orchestrations', {
    name,
    phases: [{ name: 'One', tasks }],
  });
  expect([status, body.detail]).toEqual([201, undefined]);
  return String(body.id);
}
const save = (id: string, name: string, ...tasks: object[]) =>
  api.call('PUT', `/orchestrations/${id}`, { name, phases: [{ name: 'One', tasks }] }, { 'if-match': '"1"' });

describe('saving an orchestration that runs others', () => {
  it('refuses one that runs itself', async () => {
    const id = await create('Alone', wait);
    const { status, body } = await save(id, 'Alone', wait, nested(id));
    expect(status).toBe(422);
    expect(body.errors).toEqual([
      {
        path: 'phases.0.tasks.1',
        message: 'Orchestrations would run each other in a circle: "Alone" runs "Alone".',
      },
    ]);
  });

  it('refuses a circle over others, inline or saved', async () => {
    const a = await create('A', wait);
    const configuration = await api.call('POST', '/components/orchestration/configurations', {
      name: 'Run A',
      configuration: { orchestrationId: a },
    });
    const b = await create('B', saved(String(configuration.body.id)));
    const c = await create('C', nested(b));
    const { status, body } = await save(a, 'A', nested(c));
    expect(status).toBe(422);
    expect(body.detail).toContain('"A" runs "C" runs "B" runs "A"');
  });

  it('refuses one that is not there', async () => {
    const body = { name: 'X', phases: [{ name: 'One', tasks: [nested('orc_gone')] }] };
    const answer = await api.call('POST', '/orchestrations', body);
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toContain('There is no orchestration orc_gone');
  });

  it('refuses what would be nested more than five deep, wherever the chain is cut', async () => {
    const ids = [await create('L6', wait)];
    for (const name of ['L5', 'L4', 'L3', 'L2', 'L1']) ids.push(await create(name, nested(ids.at(-1) ?? '')));
    const top = await api.call('POST', '/orchestrations', {
      name: 'L0',
      phases: [{ name: 'One', tasks: [nested(ids.at(-1) ?? '')] }],
    });
    expect(top.status).toBe(422);
    const below = await create('L7', wait);
    expect((await save(ids[0] ?? '', 'L6', nested(below))).status).toBe(422);
  });
});

describe('saving a configuration that names an orchestration', () => {
  it('refuses one that closes a circle, and one that is not there', async () => {
    const target = await create('Target', wait);
    const path = '/components/orchestration/configurations';
    const { body } = await api.call('POST', path, {
      name: 'Run it',
      configuration: { orchestrationId: target },
    });
    const user = await create('User', saved(String(body.id)));
    const change = (orchestrationId: string) =>
      api.call(
        'PUT',
        `${path}/${String(body.id)}`,
        { name: 'Run it', configuration: { orchestrationId } },
        { 'if-match': '"1"' },
      );
    const circle = await change(user);
    expect(circle.status).toBe(422);
    expect(circle.body.errors).toEqual([
      {
        path: 'configuration.orchestrationId',
        message: 'Orchestrations would run each other in a circle: "User" runs "User".',
      },
    ]);
    expect((await change('orc_gone')).status).toBe(422);
  });
});
