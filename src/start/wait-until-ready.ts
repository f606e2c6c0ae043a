import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../domain/errors';
import type { DataFolder } from './data-folder';
import type { SupervisedPart } from './processes/supervised-part';

const readyWithinMs = 60_000;
const answerWithinMs = 5_000;
/** One death is an accident; a part that dies each time has a reason, which it has said. */
const deathsAtMost = 2;

interface Waiting {
  /** Of the health check. */
  readonly url: string;
  readonly parts: readonly SupervisedPart[];
  readonly folder: DataFolder;
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
}

/** Waits until the product answers that it is ready. @throws UserError with what a part said that does not start. */
export async function waitUntilReady({ url, parts, folder, signal }: Waiting): Promise<void> {
  const giveUpAt = Date.now() + readyWithinMs;
  let answer = await ask(url);
  while (answer !== 'ready') {
    signal.throwIfAborted();
    const dying = parts.find((part) => part.deaths > deathsAtMost);
    if (dying !== undefined)
      throw notReady(`The ${dying.name} does not start`, await lastWords(dying, folder));
    if (Date.now() > giveUpAt) throw notReady(`Not ready after ${readyWithinMs / 1_000} s`, answer);
    await delay(50);
    answer = await ask(url);
  }
}

async function ask(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(answerWithinMs) }).catch(() => null);
  if (response === null) return 'the server does not answer';
  return response.ok ? 'ready' : await response.text().catch(() => `HTTP ${response.status}`);
}

async function lastWords(part: SupervisedPart, folder: DataFolder): Promise<string> {
  return (await folder.lastWords(part.name)) || 'it said nothing';
}

function notReady(what: string, why: string): UserError {
  return new UserError(`${what}: ${why.replace(/\.$/, '')}. See the folder logs of DATA_DIR for more.`, {
    code: 'NOT_READY',
  });
}
