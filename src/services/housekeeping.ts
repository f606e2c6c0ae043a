import { setTimeout as delay } from 'node:timers/promises';
import { UnavailableError } from '../domain/errors';
import type { Logger } from '../logger';
import type { TableStorage } from '../storage/table-storage';
import type { Db } from '../store/database';
import { forgetOldKeys } from '../store/idempotency';
import type { Granter } from '../store/leases/granter';
import { sweepLeases } from '../store/leases/sweep';
import { isDatabaseUnavailable } from '../store/unavailable';
import type { RunEngine } from '../temporal/runs';
import { tellResolutions } from './runs/steer/resolve-task';
import { reconcileRuns } from './runs/steer/reconcile-runs';

/** Chores of the server that repeat themselves; each is idempotent, and safe in several servers at once. */
export interface Housekeeping {
  start(): void;
  stop(): Promise<void>;
}

interface HousekeepingDependencies {
  readonly db: Db;
  readonly engine: RunEngine;
  readonly granter: Granter;
  readonly tables: TableStorage;
  readonly logger: Logger;
}

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

export function createHousekeeping(needs: HousekeepingDependencies): Housekeeping {
  const { db, granter, tables, logger } = needs;
  const stopping = new AbortController();
  const chores: Promise<void>[] = [];
  const repeat = async (name: string, everyMs: number, chore: () => Promise<void>) => {
    while (!stopping.signal.aborted) {
      await chore().catch((error: unknown) => {
        // What is away comes back; the health page says so meanwhile.
        const away = error instanceof UnavailableError || isDatabaseUnavailable(error);
        logger[away ? 'debug' : 'error']({ err: error, chore: name }, 'A chore failed and will be repeated.');
      });
      await delay(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  return {
    start() {
      chores.push(
        repeat('reconcile runs', 15 * SECOND, () => reconcileRuns(needs, logger)),
        repeat('tell decisions', 15 * SECOND, () => tellResolutions(needs)),
        repeat('sweep leases', 15 * SECOND, async () => granter.tell(await sweepLeases(db))),
        repeat('remove unused tables', HOUR, () => tables.removeUnused(new Date())),
        repeat('forget idempotency keys', HOUR, () => forgetOldKeys(db)),
      );
    },
    async stop() {
      stopping.abort();
      await Promise.all(chores);
    },
  };
}
