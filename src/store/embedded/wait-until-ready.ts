import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { UserError, errorCodeOf } from '../../domain/errors';
import { hasEnded } from '../../stop-process';

const readyWithinMs = 60_000;

/** PostgreSQL's codes: it is still starting, as after a crash; the password is another one. */
const startingUp = '57P03';
const wrongPassword = '28P01';

/** A server that is starting. */
export interface StartingServer {
  readonly process: ChildProcess;
  readonly url: string;
  /** The last that it said, for the sentence when it does not start. */
  readonly said: () => string;
  /** Aborted when nobody wants it any more. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Waits until a server answers: as long as it says that it is recovering, else a minute.
 *
 * @throws UserError when it ends, stays silent, or has another password; the signal's reason when aborted.
 */
export async function waitUntilReady(server: StartingServer): Promise<void> {
  let giveUpAt = Date.now() + readyWithinMs;
  let spawnError = '';
  server.process.once('error', (error) => {
    spawnError = error.message;
  });
  for (;;) {
    const answer = await ask(server.url);
    server.signal?.throwIfAborted();
    if (answer === 'ready') return;
    if (spawnError !== '' || hasEnded(server.process)) throw startFailed(spawnError || server.said());
    if (answer === wrongPassword) throw otherPassword();
    if (answer === startingUp) giveUpAt = Date.now() + readyWithinMs;
    if (Date.now() > giveUpAt)
      throw startFailed(`no answer within ${readyWithinMs / 1_000} s. ${server.said()}`);
    await delay(30);
  }
}

/** Answers `ready`, or the code of the error. */
async function ask(url: string): Promise<string> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.query('select 1');
    return 'ready';
  } catch (error) {
    return errorCodeOf(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function startFailed(said: string): UserError {
  const lines = said.trim().split('\n');
  const reason = lines.find((line) => /FATAL|PANIC|could not|No space left/.test(line)) ?? lines.at(-1) ?? '';
  const advice = /No space left|Disk quota/.test(said)
    ? 'The disk is full: free some space and start again.'
    : 'See postgres.log in the folder logs of DATA_DIR, or set DATABASE_URL to a PostgreSQL that exists.';
  return new UserError(
    `The embedded PostgreSQL did not start: ${withoutPrefix(reason).replace(/\.$/, '')}. ${advice}`,
    { code: 'POSTGRES_NOT_STARTED' },
  );
}

/** Drops the time and process number that the server puts before each line. */
function withoutPrefix(line: string): string {
  return line.replace(/^.*\] (?=[A-Z]+:)/, '');
}

function otherPassword(): UserError {
  return new UserError(
    'The embedded PostgreSQL refuses the password in the file postgres.password of DATA_DIR: the file is not the one that the database was made with. Put it back from a backup.',
    { code: 'POSTGRES_OTHER_PASSWORD' },
  );
}
