import { join } from 'node:path';
import { UserError, errorMessageOf } from '../domain/errors';
import { openDatabase } from '../store/database';
import { startEmbeddedPostgres } from '../store/embedded/embedded-postgres';
import { migrate } from '../store/migrate';
import { endWithParent } from './processes/end-with-parent';
import { keepPort } from './free-port';
import type { StartOptions } from './start-options';
import { SupervisedPart } from './processes/supervised-part';

/** Starts the embedded PostgreSQL unless one is given, brings its schema up to date, and answers its URL. */
export async function startDatabase(options: StartOptions): Promise<string> {
  const { config, terminal } = options;
  return terminal.step(
    'PostgreSQL',
    async () => {
      const url = config.databaseUrl ?? (await beginEmbedded(options));
      await migrateDatabase(url, config.databaseUrl !== null);
      return url;
    },
    (url) =>
      config.databaseUrl === null ? `embedded, port ${new URL(url).port}` : `given, ${new URL(url).host}`,
  );
}

async function beginEmbedded({ config, folder, terminal, parts }: StartOptions): Promise<string> {
  const port = await keepPort(join(config.dataDir, 'postgres.port'));
  const logFd = await folder.openLog('postgres');
  const wrapper = endWithParent('INT');
  let url = '';
  const start = async (signal: AbortSignal) => {
    const running = await startEmbeddedPostgres({ dataDir: config.dataDir, port, logFd, wrapper, signal });
    url = running.url;
    return running;
  };
  await parts.begin(new SupervisedPart('PostgreSQL', start, terminal.say));
  return url;
}

async function migrateDatabase(url: string, isGiven: boolean): Promise<void> {
  const db = openDatabase(url, 1);
  try {
    await migrate(db);
  } catch (cause) {
    const advice = isGiven
      ? 'Check DATABASE_URL.'
      : 'See postgres.log in the folder logs of DATA_DIR, or set DATABASE_URL to a PostgreSQL that exists.';
    throw new UserError(
      `The database at ${new URL(url).host} cannot be used: ${innermost(cause).replace(/\.$/, '')}. ${advice}`,
      { code: 'DATABASE_NOT_USABLE', cause },
    );
  } finally {
    await db.destroy();
  }
}

/** The sentence of the error that was first; several addresses that refuse come as one error without a sentence. */
function innermost(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(errorMessageOf).join('; ');
  }
  return error instanceof Error && error.cause !== undefined ? innermost(error.cause) : errorMessageOf(error);
}
