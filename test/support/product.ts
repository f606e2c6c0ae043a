import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createApiClient, type ApiClient } from '../../src/start/example/api-client';
import { findFreePort } from '../../src/start/free-port';

/** The processes of a product on one machine. */
export type PartName = 'start' | 'worker' | 'server' | 'postgres' | 'temporal';

/** The built product as `npm start` runs it, on a data folder and ports of its own. */
export interface Product {
  readonly api: ApiClient;
  readonly url: string;
  /** The administrator's. */
  readonly token: string;
  readonly dataDir: string;
  readonly temporalAddress: string;
  readonly environment: NodeJS.ProcessEnv;
  /** What the terminal has shown so far. */
  output(): string;
  /** Sends SIGKILL to these processes, all at once. */
  kill(...parts: PartName[]): Promise<void>;
  pidOf(part: Exclude<PartName, 'start'>): Promise<number>;
  /** Starts it again on the same data folder and ports. */
  startAgain(): Promise<void>;
  /** Stops it as Ctrl-C does, and answers its exit code. */
  stop(): Promise<number | null>;
  /** Removes the data folder. */
  remove(): Promise<void>;
}

const readyWithinMs = 120_000;

export async function startProduct(settings: NodeJS.ProcessEnv = {}): Promise<Product> {
  const dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-product-'));
  const [port, temporalPort, uiPort] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const environment = {
    ...process.env,
    DATA_DIR: dataDir,
    PORT: String(port),
    TEMPORAL_PORT: String(temporalPort),
    TEMPORAL_UI_PORT: String(uiPort),
    ...settings,
  };
  const url = `http://127.0.0.1:${port}`;
  const entry = join(findRoot(__dirname), 'dist', 'start.js');
  let output = '';
  let child = await launch();

  async function launch(): Promise<ChildProcess> {
    const started = spawn(process.execPath, [entry], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    await waitUntilReady(started, url, () => output);
    return started;
  }

  const pidOf = async (part: Exclude<PartName, 'start'>) => {
    const found = await findProcess(part, dataDir);
    if (found === undefined) throw new Error(`There is no ${part} process of this product.`);
    return found;
  };
  const token = (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim();
  return {
    api: createApiClient(url, token),
    url,
    token,
    dataDir,
    temporalAddress: `127.0.0.1:${temporalPort}`,
    environment,
    output: () => output,
    pidOf,
    async kill(...parts) {
      const pids: number[] = [];
      for (const part of parts) pids.push(part === 'start' ? (child.pid ?? 0) : await pidOf(part));
      for (const pid of pids) process.kill(pid, 'SIGKILL');
    },
    async startAgain() {
      child = await launch();
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const exit = once(child, 'exit');
      child.kill('SIGINT');
      const [code] = (await exit) as [number | null];
      return code;
    },
    remove: () => rm(dataDir, { recursive: true, force: true }),
  };
}

async function waitUntilReady(child: ChildProcess, url: string, output: () => string): Promise<void> {
  const giveUpAt = Date.now() + readyWithinMs;
  while (Date.now() < giveUpAt && child.exitCode === null) {
    const answer = await fetch(`${url}/health/ready`).catch(() => null);
    if (answer?.ok === true) return;
    await delay(50);
  }
  throw new Error(`The product did not become ready. It said:\n${output()}`);
}

/** Finds a process by its command line and, for the product's own programs, by its data folder (Linux only). */
async function findProcess(part: Exclude<PartName, 'start'>, dataDir: string): Promise<number | undefined> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const command = (await readText(`/proc/${name}/cmdline`)).split('\0').join(' ').trim();
    if (await isPart(part, { command, name, dataDir })) return Number(name);
  }
  return undefined;
}

async function isPart(
  part: Exclude<PartName, 'start'>,
  { command, name, dataDir }: { command: string; name: string; dataDir: string },
): Promise<boolean> {
  switch (part) {
    case 'postgres':
      return command.includes(`postgres -D ${dataDir}`);
    case 'temporal':
      return command.includes('server start-dev') && command.includes(dataDir);
    case 'worker':
    case 'server':
      return (
        command.endsWith(`/dist/${part}.js`) &&
        (await readText(`/proc/${name}/environ`)).includes(`DATA_DIR=${dataDir}`)
      );
  }
}

function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

/** The checkout: this file runs from its source in tests, and from the build in benchmarks. */
function findRoot(folder: string): string {
  return existsSync(join(folder, 'package-lock.json')) ? folder : findRoot(dirname(folder));
}
