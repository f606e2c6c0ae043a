import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createApiClient, type ApiClient } from '../src/start/example/api-client';
import { findFreePort } from '../src/start/free-port';

/** The product as `npm start` runs it, on a data folder and ports of its own. */
export interface Product {
  readonly api: ApiClient;
  readonly dataDir: string;
  readonly temporalAddress: string;
  readonly environment: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/** The checkout; this file runs from `dist/benchmark-build/benchmark`. */
export const root = join(__dirname, '..', '..', '..');

export async function startProduct(): Promise<Product> {
  const dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-bench-'));
  const [port, temporalPort, uiPort] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const environment = {
    ...process.env,
    DATA_DIR: dataDir,
    PORT: String(port),
    TEMPORAL_PORT: String(temporalPort),
    TEMPORAL_UI_PORT: String(uiPort),
    EXAMPLES: 'off',
    LOG_LEVEL: 'warn',
  };
  const child = spawn(process.execPath, [join(root, 'dist', 'start.js')], {
    env: environment,
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  await waitUntilReady(child, url);
  const token = (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim();
  return {
    api: createApiClient(url, token),
    dataDir,
    temporalAddress: `127.0.0.1:${temporalPort}`,
    environment,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function waitUntilReady(child: ChildProcess, url: string): Promise<void> {
  for (let tries = 0; tries < 1_200; tries += 1) {
    const answer = await fetch(`${url}/health/ready`).catch(() => null);
    if (answer?.ok === true) return;
    if (child.exitCode !== null) break;
    await delay(100);
  }
  throw new Error('The product did not become ready; run "npm start" to see why.');
}
