import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Component } from '../../src/components/component';
import { splitStatements } from '../../src/components/transformation-sql/split-statements';
import { transformationSql } from '../../src/components/transformation-sql/transformation-sql';
import { writerFile } from '../../src/components/writer-file';
import type { JsonObject } from '../../src/domain/model/json';
import { createTestStorage, type TestStorage } from '../support/storage';
import { aTaskContext } from '../support/task-context';

let test: TestStorage;
let tasks = 0;
beforeAll(async () => {
  test = await createTestStorage();
  await test.upload('in.main.orders', 'id,amount\n1,10\n2,32\n');
});
afterAll(() => test.close());

/** Runs a component as a task of its own and publishes what it has staged. */
async function run(component: Component, configuration: JsonObject, signal?: AbortSignal) {
  tasks += 1;
  const task = { runId: `run_${tasks}`, taskId: 'tsk_1' };
  const { context, folder, close } = await aTaskContext({
    tables: test.storage.forTask(task),
    ...(signal ? { signal } : {}),
  });
  try {
    if (component.execution.kind !== 'run') throw new TypeError('This component runs a job.');
    const output = await component.execution.run(configuration, context);
    await test.storage.publish({
      ...task,
      message: output.message,
      warning: false,
      staged: output.tables ?? [],
    });
    const read = (name: string) => readFile(join(folder, 'export', name), 'utf8').catch(() => null);
    return { output, csv: await read('orders.csv') };
  } finally {
    await close();
  }
}

const inputs = [{ table: 'in.main.orders', as: 'orders' }];
const script = (sql: string) => [{ name: 'Block', scripts: [{ name: 'Script', sql }] }];
const runSql = (sql: string, rest: JsonObject = {}) =>
  run(transformationSql, { inputs, blocks: script(sql), ...rest });

describe('a SQL transformation', () => {
  it('publishes what its outputs name', async () => {
    const { output } = await runSql(
      'CREATE TABLE total AS SELECT sum(amount::INTEGER)::INTEGER AS amount FROM orders;',
      {
        outputs: [{ from: 'total', table: 'out.main.total' }],
      },
    );
    expect(output.message).toBe('1 rows into out.main.total');
    expect(await test.rowsOf('out.main.total')).toEqual([['42']]);
  });

  it('keeps large integers exactly: a sum is no floating point', async () => {
    const outputs = [{ from: 'total', table: 'out.main.exact' }];
    await runSql('CREATE TABLE total AS SELECT sum(9007199254740993) AS "a ""sum", 1 AS one;', { outputs });
    expect(await test.rowsOf('out.main.exact')).toEqual([['9007199254740993', '1']]);
  });

  it('says where it failed, and publishes nothing', async () => {
    const failing = runSql('CREATE TABLE one AS SELECT 1 AS n;\n\nSELECT nothing FROM orders;', {
      outputs: [{ from: 'one', table: 'out.main.never' }],
    });
    await expect(failing).rejects.toThrow(
      /Block "Block", script "Script", statement 2 of 2 \(line 3\):.*nothing/s,
    );
    await expect(test.rowsOf('out.main.never')).rejects.toThrow(/no table/);
  });

  it('names all outputs that the scripts did not make', async () => {
    const outputs = [
      { from: 'a', table: 'out.main.a' },
      { from: 'b', table: 'out.main.b' },
    ];
    await expect(runSql('SELECT 1', { outputs })).rejects.toThrow(/did not make a, b/);
  });

  it('stops when it is told to', async () => {
    const endless = 'SELECT count(*) FROM range(100000000000) AS a (n) WHERE n % 7 = 3';
    const configuration = { inputs, blocks: script(endless) };
    await expect(run(transformationSql, configuration, AbortSignal.timeout(700))).rejects.toThrow();
  });

  it.each([
    ["SELECT * FROM read_text('/etc/passwd')"],
    ["SELECT * FROM glob('/*')"],
    ["SELECT * FROM read_csv('../../secrets.key')"],
    ["SELECT * FROM read_text('/proc/self/environ')"],
    ["ATTACH '/tmp/other.duckdb' AS other"],
    ["COPY (SELECT 1) TO '/tmp/escaped.csv'"],
    ["COPY (SELECT 1) TO 'escaped.csv'"],
    ["SELECT * FROM read_csv('http://127.0.0.1:1/x.csv')"],
    ['INSTALL httpfs'],
    ['LOAD httpfs'],
    ['SET enable_external_access = true'],
    ["SET memory_limit = '100GB'"],
    ["SELECT getenv('PATH')"],
  ])('cannot get out: %s', async (sql) => {
    await expect(runSql(sql)).rejects.toMatchObject({ code: 'SQL_ERROR' });
  });

  it('cannot write to the files of its inputs', async () => {
    const [table] = await test.storage
      .forTask({ runId: 'run_look', taskId: 'tsk' })
      .pin(['in.main.orders' as never]);
    const before = await readFile(table?.files[0] ?? '');
    const sql = `COPY (SELECT 1) TO '${table?.files[0] ?? ''}' (FORMAT parquet, USE_TMP_FILE false)`;
    await expect(runSql(sql)).rejects.toMatchObject({ code: 'SQL_ERROR' });
    expect(await readFile(table?.files[0] ?? '')).toEqual(before);
  });
});

describe('statements', () => {
  it.each<[string, string[]]>([
    ['SELECT 1; SELECT 2', ['SELECT 1', 'SELECT 2']],
    ["SELECT ';' ; SELECT 'it''s;'", ["SELECT ';'", "SELECT 'it''s;'"]],
    ['SELECT ";" AS "a;b"', ['SELECT ";" AS "a;b"']],
    ["SELECT E'a\\';b'; SELECT 2", ["SELECT E'a\\';b'", 'SELECT 2']],
    ['SELECT $$a;b$$; SELECT $t$;$$;$t$', ['SELECT $$a;b$$', 'SELECT $t$;$$;$t$']],
    ['-- a; b\nSELECT 1; /* c; /* d; */ e; */ SELECT 2;', ['SELECT 1', 'SELECT 2']],
    [' ;; -- nothing\n;', []],
  ])('of %j', (sql, statements) => {
    expect(splitStatements(sql).map((statement) => statement.sql)).toEqual(statements);
  });

  it('know the line on which they begin', () => {
    expect(splitStatements('SELECT 1;\n-- two\n\nSELECT 2;').map(({ line }) => line)).toEqual([1, 4]);
  });

  it('never lose or add a letter that is not a blank, a comment or a semicolon', () => {
    const part = fc.constantFrom('SELECT 1', "'a;b'", '"c;d"', '$$e;f$$', ' ', '\n', ';');
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const bare = (sql: string) => sql.replace(/[\s;]/g, '');
        const sql = parts.join(' ');
        expect(
          bare(
            splitStatements(sql)
              .map((statement) => statement.sql)
              .join(''),
          ),
        ).toBe(bare(sql));
      }),
    );
  });
});

describe('the file writer', () => {
  const configuration = (file: string) => ({ tables: [{ table: 'in.main.orders', file, format: 'csv' }] });

  it('writes CSV with a header row', async () => {
    expect((await run(writerFile, configuration('orders.csv'))).csv).toBe('id,amount\n1,10\n2,32\n');
  });

  it.each(['../escape.csv', '/etc/escape.csv', 'a/../../b.csv', '.hidden', ''])(
    'refuses the file name %j',
    async (file) => {
      await expect(run(writerFile, configuration(file))).rejects.toMatchObject({ code: 'BAD_CONFIGURATION' });
    },
  );
});
