import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, whyNotListen } from '../../../src/start/free-port';
import { startDevServer } from '../../../src/temporal/server/dev-server';
import { cacheDirOf, findTemporal } from '../../../src/temporal/server/find-temporal';
import { writeProgram } from '../../support/programs';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orchestrator-temporal-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function start(options: { path?: string; databaseFile?: string; signal?: AbortSignal } = {}) {
  const { path, databaseFile = null, signal } = options;
  const program =
    path === undefined
      ? await findTemporal({ cacheDir: cacheDirOf(process.env), onTry: () => undefined })
      : { path, version: '1.9.1', source: 'test' };
  const port = await findFreePort();
  const server = startDevServer({
    ...{ program, port, namespace: 'default', uiPort: null, databaseFile },
    ...(signal === undefined ? {} : { signal }),
  });
  return { port, server };
}

describe("Temporal's development server", () => {
  it('starts on a file, stops, and starts on it again', async () => {
    const databaseFile = join(folder, 'temporal.db');
    for (const turn of ['first', 'second']) {
      const { port, server } = await start({ databaseFile });
      const { address, stop } = await server;
      expect([turn, address]).toEqual([turn, `127.0.0.1:${port}`]);
      await Promise.all([stop(), stop()]);
      expect(await whyNotListen('127.0.0.1', port)).toBeNull();
    }
  });

  it('leaves nothing running when its start is given up', async () => {
    const giveUp = new AbortController();
    const { port, server } = await start({ signal: giveUp.signal });
    giveUp.abort(new Error('not wanted any more'));
    await expect(server).rejects.toThrow('not wanted any more');
    expect(await whyNotListen('127.0.0.1', port)).toBeNull();
  });

  it.each([
    ['ends at once', () => writeProgram(join(folder, 'broken'), 'exit 1')],
    ['is not there', () => Promise.resolve(join(folder, 'nothing'))],
  ])('that %s is a sentence that says where to look', async (_, path) => {
    const { port, server } = await start({ path: await path() });
    await expect(server).rejects.toThrow(
      new RegExp(`Temporal's server did not start on 127\\.0\\.0\\.1:${port}.* See temporal\\.log`),
    );
  });
});
