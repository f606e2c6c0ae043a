import { resolve } from 'node:path';
import { z } from 'zod';

/** Everything that the environment decides, read once at start and frozen. */
export interface Config {
  /** Absolute path of the folder that holds database, Temporal file, tables, keys and logs. */
  readonly dataDir: string;
  /** Absolute path of the folder that `writer-file` writes into. */
  readonly exportDir: string;
  readonly host: string;
  readonly port: number;
  /** Base of the links in answers and messages, without a slash at the end. */
  readonly publicUrl: string;
  /** PostgreSQL to use; `null` for the embedded one. */
  readonly databaseUrl: string | null;
  readonly temporal: TemporalConfig;
  /** The first administrator's token; `null` to make one at first start. */
  readonly adminToken: string | null;
  /** `id:base64` pairs, comma separated, the first one writes; `null` for the key file in `dataDir`. */
  readonly secretsKeys: string | null;
  /** Hosts (`host` or `host:port`) that `job-http` may call although they are private. */
  readonly httpJobAllowedHosts: readonly string[];
  readonly logLevel: LogLevel;
  /** Whether a first start brings the sample database and the example orchestration. */
  readonly examples: boolean;
  /** Activities that one worker runs at the same time. */
  readonly workerSlots: number;
}

export interface TemporalConfig {
  /** `host:port` of a server that exists; `null` for one of our own on `port`. */
  readonly address: string | null;
  readonly namespace: string;
  readonly port: number;
  readonly uiPort: number;
  /** Base of the links into the Temporal Web UI, without a slash at the end. */
  readonly uiUrl: string;
  readonly taskQueue: string;
}

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

const portSchema = z.coerce.number().int().min(1).max(65_535);
const switchSchema = z.enum(['on', 'off']).transform((value) => value === 'on');

const environmentSchema = z.object({
  DATA_DIR: z.string().min(1).default('.data'),
  EXPORT_DIR: z.string().min(1).optional(),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: portSchema.default(8080),
  PUBLIC_URL: z.url().optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  TEMPORAL_ADDRESS: z.string().min(1).optional(),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  TEMPORAL_PORT: portSchema.default(7233),
  TEMPORAL_UI_PORT: portSchema.default(8233),
  TEMPORAL_UI_URL: z.url().optional(),
  TEMPORAL_TASK_QUEUE: z.string().min(1).default('orchestrator'),
  ORCHESTRATOR_ADMIN_TOKEN: z.string().min(16, 'at least 16 characters').optional(),
  SECRETS_KEYS: z.string().min(1).optional(),
  HTTP_JOB_ALLOWED_HOSTS: z.string().default(''),
  LOG_LEVEL: z.enum(logLevels).default('info'),
  EXAMPLES: switchSchema.default(true),
  WORKER_SLOTS: z.coerce.number().int().min(1).max(2_000).default(200),
});

/** Variables that are, or hold, a secret: their values are never shown. */
const secretVariables = new Set(['DATABASE_URL', 'ORCHESTRATOR_ADMIN_TOKEN', 'SECRETS_KEYS']);

/** A variable of the environment has a value that cannot be used; the message lists every one of them. */
export class ConfigError extends Error {}

/**
 * Reads and checks the environment. The only reader of `process.env`.
 *
 * @throws {@link ConfigError} naming each wrong variable, what was found and what was expected.
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const parsed = environmentSchema.safeParse(withoutEmpty(environment));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => {
      const name = String(path[0]);
      const found = secretVariables.has(name) ? '' : ` (found "${environment[name] ?? ''}")`;
      return `  ${name}: ${message}${found}`;
    });
    throw new ConfigError(`The environment has values that cannot be used:\n${problems.join('\n')}`);
  }
  const env = parsed.data;
  const dataDir = resolve(env.DATA_DIR);
  return Object.freeze({
    dataDir,
    exportDir: resolve(env.EXPORT_DIR ?? `${dataDir}/export`),
    host: env.HOST,
    port: env.PORT,
    publicUrl: withoutSlash(env.PUBLIC_URL ?? `http://${browsable(env.HOST)}:${env.PORT}`),
    databaseUrl: env.DATABASE_URL ?? null,
    temporal: Object.freeze({
      address: env.TEMPORAL_ADDRESS ?? null,
      namespace: env.TEMPORAL_NAMESPACE,
      port: env.TEMPORAL_PORT,
      uiPort: env.TEMPORAL_UI_PORT,
      uiUrl: withoutSlash(env.TEMPORAL_UI_URL ?? `http://127.0.0.1:${env.TEMPORAL_UI_PORT}`),
      taskQueue: env.TEMPORAL_TASK_QUEUE,
    }),
    adminToken: env.ORCHESTRATOR_ADMIN_TOKEN ?? null,
    secretsKeys: env.SECRETS_KEYS ?? null,
    httpJobAllowedHosts: env.HTTP_JOB_ALLOWED_HOSTS.split(',')
      .map((host) => host.trim())
      .filter((host) => host !== ''),
    logLevel: env.LOG_LEVEL,
    examples: env.EXAMPLES,
    workerSlots: env.WORKER_SLOTS,
  });
}

/** An empty variable (`PORT=`) counts as absent, as shells and compose files write it. */
function withoutEmpty(environment: NodeJS.ProcessEnv): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

/** An address that a browser on this machine can open, for a server that listens everywhere. */
function browsable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
