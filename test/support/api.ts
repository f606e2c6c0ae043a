import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../src/api/app';
import { createAdminAuthenticator } from '../../src/api/auth';
import { createIdempotencyKeeper } from '../../src/api/idempotency';
import { createMetrics } from '../../src/api/metrics';
import { components, findComponent } from '../../src/components/registry';
import { createLogger } from '../../src/logger';
import { parseKeyRing } from '../../src/secrets/key-ring';
import { createSecretBox } from '../../src/secrets/secret-box';
import { createHealthService } from '../../src/services/health';
import { createLimitServices } from '../../src/services/limits';
import type { RunServices } from '../../src/services/runs/run-services';
import type { TableStorage } from '../../src/storage/table-storage';
import type { Db } from '../../src/store/database';
import { createGranter } from '../../src/store/leases/granter';

const token = 'a-token-of-the-tests';

export interface TestApi {
  readonly url: string;
  /** A request with the administrator's token; JSON in and out. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

interface TestApiParts {
  readonly db: Db;
  readonly runs?: RunServices;
  readonly tables?: TableStorage;
}

/** The HTTP interface, listening on a port of its own. */
export async function startTestApi({ db, runs, tables }: TestApiParts): Promise<TestApi> {
  const secrets = createSecretBox(parseKeyRing(`test:${Buffer.alloc(32, 7).toString('base64')}`));
  const settings = { exportDir: '/tmp', httpJobAllowedHosts: [] };
  const logger = createLogger('test', 'silent');
  const fine = () => Promise.resolve('fine');
  const app = createApp({
    services: {
      definitions: { db, components, findComponent, secrets, settings },
      runs: runs ?? ({} as RunServices),
      tables: tables ?? ({} as TableStorage),
      limits: createLimitServices({ db, granter: createGranter(db, () => Promise.resolve(), logger) }),
      health: createHealthService({
        postgres: fine,
        temporal: fine,
        worker: () => Promise.reject(new Error('none')),
      }),
    },
    authenticator: createAdminAuthenticator(token),
    idempotency: createIdempotencyKeeper(db),
    metrics: createMetrics(db),
    logger,
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async call(method, path, body, headers = {}) {
      const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(sent === undefined ? {} : { body: sent }),
      });
      const answered = await response.text();
      const isJson = (response.headers.get('content-type') ?? '').includes('json');
      const parsed = isJson ? (JSON.parse(answered) as Record<string, unknown>) : { text: answered };
      return { status: response.status, headers: response.headers, body: parsed };
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
