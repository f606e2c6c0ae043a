import { createHash } from 'node:crypto';
import type { Request } from 'express';
import type { Caller } from '../services/caller';
import type { Db } from '../store/database';
import {
  freeKey,
  rememberAnswer,
  takeKey,
  type KeyedRequest,
  type RememberedAnswer,
} from '../store/idempotency';
import { HttpError } from './problems';

/** Makes a repeated start answer the same and start nothing twice. */
export interface IdempotencyKeeper {
  /** Answers as `act` does, or as it did when the same key came before. */
  once(request: Request, caller: Caller, act: () => Promise<RememberedAnswer>): Promise<RememberedAnswer>;
}

export function createIdempotencyKeeper(db: Db): IdempotencyKeeper {
  /** Requests of this process that are under way: a second one waits for the first one's answer. */
  const underWay = new Map<string, Promise<unknown>>();

  const decide = async (
    keyed: KeyedRequest,
    act: () => Promise<RememberedAnswer>,
  ): Promise<RememberedAnswer> => {
    const standing = await takeKey(db, keyed);
    switch (standing.kind) {
      case 'answered':
        return standing.answer;
      case 'otherBody':
        throw new HttpError(
          409,
          'IDEMPOTENCY_KEY_REUSED',
          'This Idempotency-Key was used with another body. Take a new one.',
        );
      case 'underWay':
        throw new HttpError(
          409,
          'IDEMPOTENCY_KEY_UNDER_WAY',
          'The first request with this Idempotency-Key has not ended.',
          {
            'Retry-After': '1',
          },
        );
      case 'taken':
        break;
    }
    try {
      const answer = await act();
      await rememberAnswer(db, keyed, answer);
      return answer;
    } catch (error) {
      await freeKey(db, keyed);
      throw error;
    }
  };

  return {
    async once(request, caller, act) {
      const key = request.get('idempotency-key');
      if (key === undefined) return act();
      const keyed = toKeyed(request, caller, key);
      const name = `${keyed.scope} ${keyed.key}`;
      while (underWay.has(name)) await underWay.get(name)?.catch(() => undefined);
      const deciding = decide(keyed, act);
      underWay.set(name, deciding);
      try {
        return await deciding;
      } finally {
        underWay.delete(name);
      }
    },
  };
}

function toKeyed(request: Request, caller: Caller, key: string): KeyedRequest {
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new HttpError(
      400,
      'BAD_IDEMPOTENCY_KEY',
      'An Idempotency-Key has 1 to 255 printable letters without blanks.',
    );
  }
  const body = JSON.stringify(request.body ?? null);
  return {
    scope: `${caller.id} ${request.method} ${request.path}`,
    key,
    bodySha256: createHash('sha256').update(body).digest('hex'),
  };
}
