import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, writeSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeDataFolder } from '../../src/start/data-folder';
import { identityOf } from '../../src/start/processes/process-identity';

let dataDir: string;
let other: ChildProcess;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-folder-'));
  other = spawn('sleep', ['600'], { stdio: 'ignore' });
  await once(other, 'spawn');
});
afterEach(async () => {
  other.kill('SIGKILL');
  await rm(dataDir, { recursive: true, force: true });
});
const lock = () => join(dataDir, 'start.lock');

describe('a data folder', () => {
  it('belongs to one product at a time', async () => {
    await writeFile(lock(), await identityOf(other.pid ?? 0));
    await expect(takeDataFolder(dataDir)).rejects.toThrow(
      new RegExp(`Another Orchestrator \\(process ${other.pid ?? 0}\\) runs on .*set DATA_DIR`),
    );
  });

  it.each([
    ['of a process that is gone', () => '4194000 17'],
    ['whose number another program has now', () => `${other.pid ?? 0} 17`],
    ['that was never finished', () => ''],
  ])('is taken over when its lock is one %s', async (_, content) => {
    await writeFile(lock(), content());
    const folder = await takeDataFolder(dataDir);
    expect(await readFile(lock(), 'utf8')).toBe(await identityOf(process.pid));
    await folder.release();
    expect((await readdir(dataDir)).filter((name) => name.startsWith('start.lock'))).toEqual([]);
  });

  it('goes to one of two that take over a stale lock at the same time', async () => {
    await writeFile(lock(), '4194000 17');
    const results = await Promise.allSettled([takeDataFolder(dataDir), takeDataFolder(dataDir)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('stops, at the next start, what a killed one has left running', async () => {
    const killed = await takeDataFolder(dataDir);
    await killed.note('temporal', other.pid);
    await rm(lock());
    const exit = once(other, 'exit');
    const next = await takeDataFolder(dataDir);
    expect(await exit).toEqual([null, 'SIGTERM']);
    await next.release();
  });

  it('leaves a program alone that has the number of what ran before', async () => {
    await mkdir(join(dataDir, 'processes'));
    await writeFile(join(dataDir, 'processes', 'temporal'), `${other.pid ?? 0} 17`);
    await (await takeDataFolder(dataDir)).release();
    expect([other.exitCode, other.signalCode]).toEqual([null, null]);
  });

  it('says when it cannot be written', async () => {
    const file = join(dataDir, 'file');
    await writeFile(file, '');
    await expect(takeDataFolder(file)).rejects.toThrow(
      /The data folder .*file cannot be written .*or set DATA_DIR to another folder\./,
    );
  });
});

describe('a log in the data folder', () => {
  it('grows, and is put aside at the next start when it has become large', async () => {
    const folder = await takeDataFolder(dataDir);
    const path = join(dataDir, 'logs', 'worker.log');
    closeSync(await folder.openLog('worker'));
    await truncate(path, 20_000_001);
    const fd = await folder.openLog('worker');
    writeSync(fd, 'new\n');
    closeSync(fd);
    expect((await stat(`${path}.1`)).size).toBe(20_000_001);
    expect(await readFile(path, 'utf8')).toBe('new\n');
    await folder.release();
  });

  it.each([
    ['The worker cannot start: no key\n', 'The worker cannot start: no key'],
    ['{"level":30,"msg":"one"}\n{"level":50,"msg":"two"}\n', 'two'],
    ['{"cut off', ''],
    ['', ''],
  ])('knows what was said last in %j', async (text, last) => {
    const folder = await takeDataFolder(dataDir);
    const fd = await folder.openLog('server');
    writeSync(fd, text);
    closeSync(fd);
    expect(await folder.lastWords('server')).toBe(last);
    await folder.release();
  });
});
