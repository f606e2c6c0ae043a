import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createLimitServices, type LimitServices } from '../../src/services/limits';
import { sweepLeases } from '../../src/store/leases/sweep';
import { aConfiguration, aTask, ada, anOrchestration } from '../support/cast';
import { startTestEngine, type TestEngine } from '../support/engine';

const configurations = 20;
const orchestrations = 10;
const tasksOfEach = 20;
const workMs = 20;

/** A server outside, which sees what really goes on at the same time. */
interface Outside {
  readonly url: string;
  /** Forgets the peaks; answers nobody until so many requests have been open at the same time. */
  awaitAtOnce(requests: number): void;
  /** The most requests at the same time, in all and for one path. */
  peaks(): { readonly all: number; readonly ofOnePath: number };
  close(): void;
}

async function startOutside(): Promise<Outside> {
  const open = new Map<string, number>();
  let peaks = { all: 0, ofOnePath: 0 };
  let awaited = 0;
  let held: (() => void)[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    open.set(path, (open.get(path) ?? 0) + 1);
    const all = [...open.values()].reduce((sum, count) => sum + count, 0);
    peaks = { all: Math.max(peaks.all, all), ofOnePath: Math.max(peaks.ofOnePath, ...open.values()) };
    // Also when the worker at the other end was killed.
    response.on('close', () => open.set(path, (open.get(path) ?? 0) - 1));
    held.push(() => setTimeout(() => response.end('{}'), workMs));
    if (all < awaited) return;
    awaited = 0;
    for (const answer of held) answer();
    held = [];
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    awaitAtOnce(requests) {
      peaks = { all: 0, ofOnePath: 0 };
      awaited = requests;
    },
    peaks: () => peaks,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

let engine: TestEngine;
let limits: LimitServices;
let outside: Outside;
let workers: ChildProcess[];
let isSweeping = true;
let sweeping: Promise<void>;
beforeAll(async () => {
  outside = await startOutside();
  engine = await startTestEngine({ slots: 0 });
  limits = createLimitServices({ db: engine.database.db, granter: engine.granter });
  workers = [startWorker(), startWorker()];
  sweeping = (async () => {
    while (isSweeping) {
      await engine.granter.tell(await sweepLeases(engine.database.db));
      await delay(1_000);
    }
  })();
}, 60_000);
afterAll(async () => {
  isSweeping = false;
  await sweeping;
  for (const worker of workers) await kill(worker);
  outside.close();
  await engine.close();
}, 60_000);

/** A worker of its own, as in production, that can be killed. */
function startWorker(): ChildProcess {
  return spawn(process.execPath, [join(__dirname, '../../dist/worker.js')], {
    env: {
      ...process.env,
      ...engine.workerEnvironment,
      HTTP_JOB_ALLOWED_HOSTS: '127.0.0.1',
      LOG_LEVEL: 'silent',
    },
    stdio: 'ignore',
  });
}

async function kill(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const exit = once(worker, 'exit');
  worker.kill('SIGKILL');
  await exit;
}

/** 200 tasks over 20 configurations in 10 orchestrations, each configuration once in each. */
async function startAll(): Promise<readonly string[]> {
  const { db } = engine.database;
  const ids = [];
  for (let index = 0; index < configurations; index += 1) {
    const request = { method: 'POST', url: `${outside.url}/${index}` };
    ids.push(await aConfiguration(db, 'job-http', { request }));
  }
  const created = [];
  for (let index = 0; index < orchestrations; index += 1) {
    const tasks = ids
      .slice(0, tasksOfEach)
      .map((configurationId, place) =>
        aTask({ id: `t${place}`, componentId: 'job-http', configurationId, configuration: null }),
      );
    created.push(await anOrchestration(db, [tasks]));
  }
  const runs = created.map((orchestrationId) => engine.runs.startRun({ orchestrationId, startedBy: ada }));
  return (await Promise.all(runs)).map(({ id }) => id);
}

it.each([1, 2, 5])(
  'a limit of %i is never exceeded, whichever of two workers dies, and every lease is free at the end',
  async (limit) => {
    await limits.setLimit('component:job-http', limit);
    // Without it, how many are seen at once depends on how fast the machine is.
    outside.awaitAtOnce(limit);
    const runs = await startAll();
    const over = new AbortController();
    const killing = (async () => {
      for (let turn = 0; !over.signal.aborted && turn < 2; turn += 1) {
        await delay(1_000 + Math.random() * 3_000);
        const victim = Math.floor(Math.random() * workers.length);
        await kill(workers[victim] ?? startWorker());
        workers[victim] = startWorker();
      }
    })();
    for (const id of runs) expect((await engine.ended(id, 150_000)).status).toBe('success');
    over.abort();
    await killing;
    expect(outside.peaks()).toEqual({ all: limit, ofOnePath: 1 });
    for (const table of ['leases', 'lease_requests'] as const) {
      expect(await engine.database.db.selectFrom(table).selectAll().execute()).toEqual([]);
    }
  },
  200_000,
);
