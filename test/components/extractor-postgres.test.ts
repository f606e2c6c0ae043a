import { Client } from 'pg';
import { extractorPostgres } from '../../src/components/extractor-postgres/extractor-postgres';
import type { JsonObject } from '../../src/domain/model/json';
import { createTestStorage, type TestStorage } from '../support/storage';
import { aTaskContext } from '../support/task-context';
import { until } from '../support/until';

let test: TestStorage;
let connection: JsonObject;
let tasks = 0;
beforeAll(async () => {
  test = await createTestStorage();
  const { hostname, port, pathname, username, password } = new URL(test.database.url);
  connection = {
    host: hostname,
    port: Number(port),
    database: pathname.slice(1),
    user: username,
    '#password': password,
  };
  await onSource(`
    create table source (
      id integer, big bigint, amount numeric(20, 4), free numeric, ratio float8, active boolean, day date,
      at timestamptz, local timestamp, text text, json jsonb, list integer[], bytes bytea, uuid uuid
    );
    insert into source values
      (1, 9007199254740993, 12345678901.2345, 1e40, 0.1, true, '1850-02-28', '2024-03-31 02:30:00+00', '2024-01-01 10:00:00.123456',
       E'say "hi", \\n🙂', '{"a": [1, null]}', '{1,null,3}', '\\x00ff', '00000000-0000-0000-0000-000000000001'),
      (2, null, null, null, 'NaN', null, null, null, null, '', null, null, null, null);
    create schema other;
    create table other."Odd ""name" (id integer);`);
});
afterAll(() => test.close());

async function onSource(statement: string): Promise<void> {
  const client = new Client({ connectionString: test.database.url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

async function extract(
  tables: JsonObject[],
  options: { connection?: JsonObject; signal?: AbortSignal } = {},
) {
  tasks += 1;
  const task = { runId: `run_${tasks}`, taskId: 'tsk_1' };
  const { context, close } = await aTaskContext({
    tables: test.storage.forTask(task),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  try {
    if (extractorPostgres.execution.kind !== 'run') throw new TypeError('The extractor runs here.');
    const output = await extractorPostgres.execution.run(
      { connection: { ...connection, ...options.connection }, tables },
      context,
    );
    await test.storage.publish({
      ...task,
      message: output.message,
      warning: false,
      staged: output.tables ?? [],
    });
    return output;
  } finally {
    await close();
  }
}

describe('the PostgreSQL extractor', () => {
  it('brings every value over as it is', async () => {
    const { message } = await extract([{ table: 'in.pg.source', sourceTable: 'source' }]);
    expect(message).toBe('2 rows into in.pg.source');
    const [one, two] = await test.rowsOf('in.pg.source');
    expect(one).toEqual([
      '1',
      '9007199254740993',
      '12345678901.2345',
      '10000000000000000000000000000000000000000',
      '0.1',
      'true',
      '1850-02-28',
      expect.stringMatching(/^2024-03-31 02:30:00\+00/),
      '2024-01-01 10:00:00.123456',
      'say "hi", \n🙂',
      '{"a": [1, null]}',
      '{1,NULL,3}',
      '\\x00ff',
      '00000000-0000-0000-0000-000000000001',
    ]);
    expect(two).toEqual(['2', null, null, null, 'nan', null, null, null, null, '', null, null, null, null]);
  });

  it('takes chosen columns, other schemas, odd names, and queries', async () => {
    const output = await extract([
      { table: 'in.pg.columns', sourceTable: 'source', columns: ['text', 'id'] },
      { table: 'in.pg.odd', sourceSchema: 'other', sourceTable: 'Odd "name' },
      { table: 'in.pg.query', query: "SELECT id * 2 AS twice FROM source WHERE text = ''; " },
      { table: 'in.pg.off', sourceTable: 'nowhere', enabled: false },
    ]);
    expect(
      output.tables?.map(({ tableId, rows, columns }) => [tableId, rows, columns.map(({ name }) => name)]),
    ).toEqual([
      ['in.pg.columns', 2, ['text', 'id']],
      ['in.pg.odd', 0, ['id']],
      ['in.pg.query', 1, ['twice']],
    ]);
  });

  it.each<[string, JsonObject, JsonObject, RegExp]>([
    ['LOGIN_REFUSED', { '#password': 'wrong' }, {}, /refuses user "orchestrator"/],
    ['UNKNOWN_DATABASE', { database: 'nowhere' }, {}, /no database "nowhere"/],
    ['DATABASE_UNREACHABLE', { port: 1 }, {}, /127\.0\.0\.1:1/],
    ['DATABASE_ERROR', {}, { sourceTable: 'nowhere' }, /"public\.nowhere" does not exist/],
    ['DATABASE_ERROR', {}, { query: 'SELEC 1' }, /syntax error/],
    ['DATABASE_ERROR', {}, { query: 'SELECT 1 / (id - 2) AS n FROM source' }, /division by zero/],
    ['BAD_COLUMNS', {}, { query: 'SELECT 1 AS a, 2 AS a' }, /"a" twice/],
  ])('says %s for %j %j', async (code, broken, entry, message) => {
    const table = {
      table: 'in.pg.never',
      ...(Object.keys(entry).length === 0 ? { sourceTable: 'source' } : entry),
    };
    const failing = extract([table], { connection: broken });
    await expect(failing).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
    await expect(test.rowsOf('in.pg.never')).rejects.toThrow(/no table/);
  });

  it('cancels its query on the server', async () => {
    const cancelling = new AbortController();
    const failing = extract([{ table: 'in.pg.slow', query: 'SELECT pg_sleep(60)::text AS slow' }], {
      signal: cancelling.signal,
    });
    const running = async () => {
      const { rows } = await test.database.db.executeQuery<{ pid: number }>(
        (await import('kysely')).CompiledQuery.raw(
          "select pid from pg_stat_activity where query like 'COPY (SELECT pg_sleep%'",
        ),
      );
      return rows.length;
    };
    await until('the query to run', async () => ((await running()) > 0 ? true : undefined));
    cancelling.abort(new Error('Cancelled.'));
    await expect(failing).rejects.toThrow();
    await until('the query to be gone', async () => ((await running()) === 0 ? true : undefined), 10_000);
  });

  it('answers its actions', async () => {
    const configuration = { connection, tables: [{ table: 'in.pg.x', sourceTable: 'source' }] };
    const ask = (name: string) =>
      extractorPostgres.actions.get(name)?.(configuration, {
        signal: new AbortController().signal,
        settings: { exportDir: '', httpJobAllowedHosts: [] },
      });
    expect(await ask('testConnection')).toMatchObject({
      ok: true,
      version: expect.stringContaining('PostgreSQL') as string,
    });
    expect(await ask('listTables')).toMatchObject({
      tables: expect.arrayContaining([{ schema: 'public', name: 'source' }]) as unknown,
    });
    expect(await ask('listColumns')).toMatchObject({
      columns: expect.arrayContaining([
        { schema: 'public', table: 'source', name: 'id', type: 'integer' },
      ]) as unknown,
    });
  });
});
