import { ConflictError, NotFoundError, ValidationError } from '../domain/errors';
import type { Limit } from '../domain/model/limit';
import { kindOfKey } from '../domain/rules/lease-keys';
import type { Db } from '../store/database';
import type { Granter } from '../store/leases/granter';
import { endHold, readLimits, setHold, setLimit } from '../store/leases/limits';
import type { Caller } from './caller';

/** What a caller can ask about limits and holds. */
export interface LimitServices {
  /** Every key that has a limit, a hold, or tasks that run or wait. */
  listLimits(): Promise<readonly Limit[]>;
  /** A key that nothing is known of is free. */
  getLimit(key: string): Promise<Limit>;
  /** @throws ValidationError for a configuration, which never runs twice at once whatever its limit. */
  setLimit(key: string, maxRunning: number | null): Promise<Limit>;
  /** Nothing with this key starts until the hold ends; what runs goes on. */
  hold(key: string, hold: HoldRequest, caller: Caller): Promise<Limit>;
  /** @throws NotFoundError when there is no hold. */
  release(key: string): Promise<Limit>;
}

export interface HoldRequest {
  readonly reason: string;
  /** An instant; for ever when left out. */
  readonly until?: string | undefined;
}

export function createLimitServices({
  db,
  granter,
}: {
  readonly db: Db;
  readonly granter: Granter;
}): LimitServices {
  const getLimit = async (key: string): Promise<Limit> => {
    const [known] = await readLimits(db, key);
    return known ?? { key, maxRunning: null, hold: null, running: [], waiting: 0 };
  };
  return {
    listLimits: () => readLimits(db, null),
    getLimit,
    async setLimit(key, maxRunning) {
      if (kindOfKey(key) === 'configuration') {
        throw new ValidationError(
          `A configuration never runs twice at once; "${key}" needs no limit. It can be put on hold.`,
        );
      }
      await setLimit(db, key, maxRunning);
      await granter.handOn([key]);
      return getLimit(key);
    },
    async hold(key, { reason, until }, { type, id, name }) {
      const ends = until === undefined ? null : new Date(until);
      if (ends !== null && ends <= new Date()) {
        throw new ConflictError(`The hold would have ended already, at ${ends.toISOString()}.`);
      }
      await setHold(db, key, { reason, until: ends, by: { type, id, name } });
      return getLimit(key);
    },
    async release(key) {
      if (!(await endHold(db, key))) throw new NotFoundError(`Nobody holds "${key}".`);
      await granter.handOn([key]);
      return getLimit(key);
    },
  };
}
