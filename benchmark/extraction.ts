import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Orchestration } from '../src/domain/model/orchestration';
import type { Run } from '../src/domain/model/run';
import type { Product } from '../test/support/product';
import { watchMemory } from './memory';
import { median } from './statistics';

const rows = 1_000_000;
const rounds = 3;

/** A million rows of ten columns from PostgreSQL into storage, against `psql COPY … TO STDOUT > /dev/null`. */
export async function measureExtraction(product: Product): Promise<string[][]> {
  const connection = await makeSource(product);
  const orchestrationId = await saveExtraction(product, connection);
  const native: number[] = [];
  const own: number[] = [];
  let peakMb = 0;
  for (let round = 0; round < rounds; round += 1) {
    native.push(await timeNative(connection));
    const { ms, workerMb } = await timeExtraction(product, orchestrationId);
    own.push(ms);
    peakMb = Math.max(peakMb, workerMb);
  }
  const [nativeMs, ownMs] = [median(native), median(own)];
  const speed = (ms: number) => ((rows / ms) * 1_000).toFixed(0);
  return [
    ['1 M rows x 10 columns', 'median ms', 'rows/s', 'of the client alone', 'peak memory of the worker, MB'],
    [await nativeName(), nativeMs.toFixed(0), speed(nativeMs), '1.00', ''],
    [
      'PostgreSQL to storage, whole run',
      ownMs.toFixed(0),
      speed(ownMs),
      (nativeMs / ownMs).toFixed(2),
      peakMb.toFixed(0),
    ],
  ];
}

interface SourceConnection {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly '#password': string;
}

/** A table with numbers, texts, NULLs, quotes, line breaks and times, in the product's own embedded server. */
async function makeSource({ dataDir }: Product): Promise<SourceConnection> {
  const port = Number(await readFile(join(dataDir, 'postgres.port'), 'utf8'));
  const password = await readFile(join(dataDir, 'postgres.password'), 'utf8');
  const connection = {
    host: '127.0.0.1',
    port,
    database: 'bench_source',
    user: 'orchestrator',
    '#password': password,
  };
  await withClient({ ...connection, database: 'postgres' }, (client) =>
    client.query('create database bench_source'),
  );
  await withClient(connection, (client) =>
    client.query(`
      create table measurements as
      select
        n as id,
        n % 1000 as device,
        'Name ' || n as name,
        case when n % 7 = 0 then null else 'note "' || n || E'"\\nsecond line' end as note,
        (n * 1.37)::numeric(14, 2) as amount,
        random() as ratio,
        n % 2 = 0 as active,
        date '2020-01-01' + n % 2000 as day,
        timestamptz '2024-01-01 00:00:00+00' + n * interval '1 second' as at,
        md5(n::text) as checksum
      from generate_series(1, ${rows}) as n`),
  );
  return connection;
}

async function saveExtraction({ api }: Product, connection: SourceConnection): Promise<string> {
  const configuration = {
    connection,
    tables: [{ table: 'in.bench.measurements', sourceTable: 'measurements' }],
  };
  const orchestration = await api.post<Orchestration>('/orchestrations', {
    name: 'Extraction',
    phases: [{ name: 'Extract', tasks: [{ componentId: 'extractor-postgres', configuration }] }],
  });
  return orchestration.id;
}

/** psql where it is installed, else the same COPY read by the driver and thrown away. */
async function timeNative(connection: SourceConnection): Promise<number> {
  const startedAt = performance.now();
  if (await hasPsql()) {
    const { host, port, database, user } = connection;
    const psql = spawn(
      'psql',
      [
        '-h',
        host,
        '-p',
        String(port),
        '-U',
        user,
        '-d',
        database,
        '-c',
        'copy measurements to stdout (format csv)',
      ],
      {
        env: { PATH: process.env.PATH ?? '', PGPASSWORD: connection['#password'] },
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    const [code] = (await once(psql, 'exit')) as [number];
    if (code !== 0) throw new Error(`psql ended with ${code}`);
  } else {
    await withClient(connection, async (client) => {
      for await (const _ of client.query(copyTo('copy measurements to stdout (format csv)'))) continue;
    });
  }
  return performance.now() - startedAt;
}

async function nativeName(): Promise<string> {
  return (await hasPsql())
    ? 'psql COPY TO STDOUT > /dev/null'
    : 'COPY TO STDOUT by the driver, thrown away (no psql here)';
}

async function hasPsql(): Promise<boolean> {
  const probe = spawn('psql', ['--version'], { stdio: 'ignore' });
  return new Promise((resolve) => {
    probe.on('error', () => {
      resolve(false);
    });
    probe.on('exit', (code) => {
      resolve(code === 0);
    });
  });
}

async function timeExtraction(
  product: Product,
  orchestrationId: string,
): Promise<{ ms: number; workerMb: number }> {
  const startedAt = performance.now();
  const memory = watchMemory(await product.pidOf('worker'));
  const run = await product.api.post<Run>(`/orchestrations/${orchestrationId}/runs`, {});
  for await (const { event } of product.api.events(`/runs/${run.id}/events`)) if (event === 'end') break;
  const ms = performance.now() - startedAt;
  const workerMb = memory.peakMb();
  const ended = await product.api.get<Run>(`/runs/${run.id}`);
  if (ended.status !== 'success')
    throw new Error(
      `The extraction ended ${ended.status}: ${JSON.stringify(ended.phases[0]?.tasks[0]?.error)}`,
    );
  return { ms, workerMb };
}

async function withClient(
  connection: SourceConnection,
  work: (client: Client) => Promise<unknown>,
): Promise<void> {
  const { host, port, database, user } = connection;
  const client = new Client({ host, port, database, user, password: connection['#password'] });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
