import { mkdir, readdir, rm } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { StagedTable, TaskTables } from '../../src/components/context';
import type { TableId } from '../../src/domain/model/table';
import { createTableStorage } from '../../src/storage/create-table-storage';
import { createTestStorage, type TestStorage } from '../support/storage';

let test: TestStorage;
beforeAll(async () => {
  test = await createTestStorage();
});
afterAll(() => test.close());

const never = new AbortController().signal;
const people = 'in.main.people' as TableId;

function stage(tables: TaskTables, tableId: TableId, csv: string, load: Partial<StagedTable> = {}) {
  const columns = [
    { name: 'id', type: 'INTEGER' },
    { name: 'name', type: 'VARCHAR' },
  ];
  const write = async (target: NodeJS.WritableStream) => {
    await new Promise<void>((resolve, reject) => {
      target.write(csv, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  };
  return tables.stageCsv({ tableId, ...load }, { columns, write }, never);
}

describe('an upload', () => {
  it('keeps NULL and the empty text apart, and quotes, line breaks and letters beyond the BMP as they are', async () => {
    await test.upload(
      'in.main.values',
      'id,v\n1,\n2,""\n3,"say ""hi"""\n4,"two\nlines"\n5,🙂 příliš\n6,9007199254740993\n',
    );
    expect((await test.rowsOf('in.main.values')).map((row) => row[1])).toEqual([
      null,
      '',
      'say "hi"',
      'two\nlines',
      '🙂 příliš',
      '9007199254740993',
    ]);
  });

  it('replaces, or upserts by key with the last row winning, or appends without one', async () => {
    const load = { incremental: true };
    await test.upload('in.main.loads', 'id,v\n1,a\n2,b\n');
    await test.upload('in.main.loads', 'id,v\n2,c\n3,d\n3,e\n', { ...load, primaryKey: ['id'] });
    expect([...(await test.rowsOf('in.main.loads'))].sort()).toEqual([
      ['1', 'a'],
      ['2', 'c'],
      ['3', 'e'],
    ]);
    // The table's own key counts when none is given.
    await test.upload('in.main.loads', 'id,v\n3,f\n', load);
    expect(await test.rowsOf('in.main.loads')).toHaveLength(3);
    await test.upload('in.main.log', 'id,v\n1,a\n');
    await test.upload('in.main.log', 'id,v\n1,a\n', load);
    expect(await test.rowsOf('in.main.log')).toHaveLength(2);
    await test.upload('in.main.loads', 'id,v\n9,z\n');
    expect(await test.rowsOf('in.main.loads')).toEqual([['9', 'z']]);
    expect((await test.storage.getTable('in.main.loads' as TableId)).versions).toHaveLength(4);
  });

  it.each([true, false])(
    'with a key has the last row of each, incremental (%s) or not',
    async (incremental) => {
      const load = { incremental, primaryKey: ['id'] };
      await test.upload('in.main.first', 'id,v\n1,a\n1,b\n2,c\n', load);
      expect([...(await test.rowsOf('in.main.first'))].sort()).toEqual([
        ['1', 'b'],
        ['2', 'c'],
      ]);
      await expect(
        test.upload('in.main.first', 'id,v\n1,a\n', { incremental, primaryKey: ['nope'] }),
      ).rejects.toThrow('the loaded data has no column nope of the primary key');
    },
  );

  it('that is no CSV changes nothing and leaves nothing behind', async () => {
    await test.upload(people, 'id,name\n1,Ada\n');
    const before = await readdir(join(test.dataDir, 'tables', people));
    await expect(test.upload(people, 'id,name\n1,"never closed\n')).rejects.toThrow(/cannot be read as CSV/);
    expect(await readdir(join(test.dataDir, 'tables', people))).toEqual(before);
    expect(await readdir(join(test.dataDir, 'scratch'))).toEqual([]);
  });

  it.each([
    ['is empty', '', /upload is empty: its first line has to name the columns/],
    ['names a column twice', 'id,Id\n1,2\n', /names the column "Id" twice/],
    ['has a row with too few values', 'id,v\n1\n1,2\n', /cannot be read as CSV/],
    ['has a row with too many values', 'id,v\n1,2\n1,2,3\n', /cannot be read as CSV/],
    ['changes its line breaks', 'id,v\r\n1,2\n3,4\n', /cannot be read as CSV/],
    ['is not UTF-8', Buffer.from([0x61, 0x0a, 0xe9, 0xff, 0x0a]), /cannot be read as CSV/],
  ])('that %s is refused', async (_, csv, sentence) => {
    await expect(test.upload('in.main.refused', csv)).rejects.toThrow(sentence);
    await expect(test.storage.getTable('in.main.refused' as TableId)).rejects.toThrow(/no table/);
  });

  it('takes names as they are written, a byte order mark, and other separators', async () => {
    await test.upload('in.main.names', '\uFEFF"a ""b""";"two\nlines";;constructor\r\n1;2;3;4\r\n');
    const { columns, rows } = await test.storage.previewTable('in.main.names' as TableId, 10);
    expect(columns).toEqual(['a "b"', 'two\nlines', 'column3', 'constructor']);
    expect(rows).toEqual([['1', '2', '3', '4']]);
  });

  it('of two at once to one table loses none', async () => {
    const ids = Array.from({ length: 6 }, (_, index) => index);
    await test.upload('in.main.race', 'id\nstart\n');
    await Promise.all(ids.map((id) => test.upload('in.main.race', `id\n${id}\n`, { incremental: true })));
    expect((await test.rowsOf('in.main.race')).map(([id]) => id).sort()).toEqual([
      ...ids.map(String),
      'start',
    ]);
  });

  it('can be downloaded as it came', async () => {
    await test.upload('in.main.download', 'id,v\n1,\n2,""\n');
    expect(await text(await test.storage.openDownload('in.main.download' as TableId, 'csv'))).toBe(
      'id,v\n1,\n2,""\n',
    );
  });

  it('onto a full disk says so, and nothing is half written', async () => {
    const disk = await aFullDisk(test.dataDir);
    try {
      const storage = createTableStorage(test.database.db, disk.folder);
      const upload = {
        tableId: 'in.main.big' as TableId,
        content: disk.content,
        incremental: false,
        primaryKey: [],
      };
      await expect(storage.importCsv(upload)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
      await expect(test.storage.getTable('in.main.big' as TableId)).rejects.toThrow(/no table/);
      expect(await readdir(join(disk.folder, 'tables', 'in.main.big'))).toEqual([]);
    } finally {
      disk.release();
    }
  });
});

/** A disk of one megabyte, where this user may make one; else what the system says when a disk is full. */
async function aFullDisk(below: string) {
  const folder = join(below, 'small');
  await mkdir(folder);
  if (process.getuid?.() !== 0) {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const content = Readable.from(failAfter('id,name\n', full));
    return { folder, content, release: () => undefined };
  }
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
  const content = Readable.from(Array.from({ length: 3_000 }, (_, n) => `${n},${'x'.repeat(1_000)}\n`));
  return { folder, content, release: () => void execFileSync('umount', [folder]) };
}

function* failAfter(text: string, error: Error): Generator<string> {
  yield text;
  throw error;
}

describe('what a task stages', () => {
  const task = { runId: 'run_1', taskId: 'tsk_1' };
  const tables = () => test.storage.forTask({ ...task });

  it('is seen by nobody until it is published, all tables together', async () => {
    const staged = [
      await stage(tables(), 'out.main.a' as TableId, '1,Ada\n'),
      await stage(tables(), 'out.main.b' as TableId, '2,Eva\n3,\n'),
    ];
    await expect(test.rowsOf('out.main.a')).rejects.toThrow(/no table/);
    const { result } = await test.storage.publish({ ...task, message: 'Done', warning: false, staged });
    expect(result.tables.map(({ id, rows }) => [id, rows])).toEqual([
      ['out.main.a', 1],
      ['out.main.b', 2],
    ]);
    expect(await test.rowsOf('out.main.b')).toEqual([
      ['2', 'Eva'],
      ['3', null],
    ]);
  });

  it('keeps line breaks of every kind that stand inside values, from the first row on', async () => {
    const other = { runId: 'run_1', taskId: 'tsk_2' };
    const staged = [await stage(tables(), 'out.main.breaks' as TableId, '1,"x\r\ny"\n2,"x\ry"\n3,"x\ny"\n')];
    await test.storage.publish({ ...other, message: 'Done', warning: false, staged });
    expect((await test.rowsOf('out.main.breaks')).map(([, text]) => text)).toEqual([
      'x\r\ny',
      'x\ry',
      'x\ny',
    ]);
  });

  it('is published once: a repeated attempt answers what was published', async () => {
    const again = [await stage(tables(), 'out.main.a' as TableId, '7,Other\n')];
    const repeated = await test.storage.publish({ ...task, message: 'Again', warning: false, staged: again });
    expect(repeated.result.message).toBe('Done');
    expect(await test.rowsOf('out.main.a')).toEqual([['1', 'Ada']]);
  });

  it('that does not fit its columns names the line, and is removed', async () => {
    const broken = stage(tables(), 'out.main.c' as TableId, '1,Ada\nx,Eva\n');
    await expect(broken).rejects.toMatchObject({
      code: 'ROWS_DO_NOT_FIT',
      message: expect.stringMatching(/line: 2|Line: 2/i) as string,
    });
    expect(await readdir(join(test.dataDir, 'tables', 'out.main.c'))).toEqual([]);
  });

  it('fails with the source, and leaves nothing behind', async () => {
    const write = () => Promise.reject(new Error('The source broke off.'));
    const broken = tables().stageCsv(
      { tableId: 'out.main.d' as TableId },
      { columns: [{ name: 'id', type: 'INTEGER' }], write },
      never,
    );
    await expect(broken).rejects.toThrow('The source broke off.');
    expect(await readdir(join(test.dataDir, 'scratch'))).toEqual([]);
  });
});

describe('what a task reads', () => {
  it('is the version of its first look, also after a newer one was published', async () => {
    await test.upload('in.main.pinned', 'id\n1\n');
    const tables = test.storage.forTask({ runId: 'run_2', taskId: 'tsk_2' });
    const [first] = await tables.pin(['in.main.pinned' as TableId]);
    await test.upload('in.main.pinned', 'id\n2\n');
    expect(await tables.pin(['in.main.pinned' as TableId])).toEqual([first]);
  });

  it('must be there: everything missing is named at once', async () => {
    const tables = test.storage.forTask({ runId: 'run_3', taskId: 'tsk_3' });
    const missing = tables.pin([people, 'in.no.a' as TableId, 'in.no.b' as TableId]);
    await expect(missing).rejects.toThrow(/in\.no\.a, in\.no\.b are not in storage/);
  });
});

it('the cleaner keeps what is current or young, and removes what nobody knows', async () => {
  await test.upload('in.main.clean', 'id\n1\n');
  const orphan = join(test.dataDir, 'tables', 'in.main.clean', 'orphan');
  await mkdir(orphan);
  await test.storage.removeUnused(new Date());
  expect(await readdir(join(test.dataDir, 'tables', 'in.main.clean'))).toContain('orphan');
  await test.storage.removeUnused(new Date(Date.now() + 2 * 86_400_000));
  expect(await readdir(join(test.dataDir, 'tables', 'in.main.clean'))).not.toContain('orphan');
  expect(await test.rowsOf('in.main.clean')).toEqual([['1']]);
  await rm(orphan, { recursive: true, force: true });
});
