// Before `npm start`: builds when a source is newer than the last build, and says so. `npm ci` has built already.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { URL, fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The last file that a build writes. */
const result = join(root, 'dist', 'workflow-bundle.js');
const settings = ['package.json', 'tsconfig.json', 'tsconfig.build.json'];

function changedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

const sources = readdirSync(join(root, 'src'), { recursive: true }).map((file) => join(root, 'src', file));
const newest = Math.max(...[...sources, ...settings.map((file) => join(root, file))].map(changedAt));
if (newest > changedAt(result)) {
  process.stdout.write('  Orchestrator is built, because its sources have changed.\n');
  const { status } = spawnSync('npm', ['run', 'build', '--silent'], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
