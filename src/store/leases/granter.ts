import type { Logger } from '../../logger';
import type { Db } from '../database';
import { grantWaiting, type Granted } from './grant-waiting';
import { withLeaseLock } from './lease-lock';

/** Tells the workflow of a waiting task that it may go on. */
export type Wake = (granted: Granted) => Promise<void>;

/** Hands on what has become free. */
export interface Granter {
  /**
   * Grants these keys to whoever waits for them, and tells them. Never rejects: what is not done now, because the
   * database or Temporal is away, the sweeper does later.
   */
  handOn(keys: readonly string[]): Promise<void>;
  /** Tells tasks that have been granted their keys already. Never rejects. */
  tell(granted: readonly Granted[]): Promise<void>;
}

export function createGranter(db: Db, wake: Wake, logger: Logger): Granter {
  const tell = async (granted: readonly Granted[]) => {
    const told = await Promise.allSettled(granted.map(wake));
    for (const result of told) {
      if (result.status === 'rejected') {
        logger.debug(
          { err: result.reason as unknown },
          'A waiting task was not told; it is told again later.',
        );
      }
    }
  };
  return {
    tell,
    async handOn(keys) {
      if (keys.length === 0) return;
      try {
        await tell(await withLeaseLock(db, (trx) => grantWaiting(trx, keys)));
      } catch (error) {
        logger.debug({ err: error }, 'Leases were not handed on; the sweeper does it later.');
      }
    },
  };
}
