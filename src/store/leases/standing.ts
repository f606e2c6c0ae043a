import { sql } from 'kysely';
import type { KeyStanding } from '../../domain/rules/lease-keys';
import type { Db } from '../database';

const free: KeyStanding = { maxRunning: null, isOnHold: false, taken: 0 };

/** How keys stand, kept up to date while leases are handed out in one transaction. */
export class Standings {
  readonly #known = new Map<string, KeyStanding>();

  /** Reads what is not known yet. */
  async read(trx: Db, keys: readonly string[]): Promise<void> {
    const unknown = [...new Set(keys)].filter((key) => !this.#known.has(key));
    if (unknown.length === 0) return;
    const { rows } = await sql<{ key: string; max_running: number | null; held: boolean; taken: number }>`
      select wanted.key, limits.max_running,
        limits.held_since is not null and coalesce(limits.hold_until > now(), true) as held,
        (select count(*)::int from leases where leases.key = wanted.key) as taken
      from unnest(${unknown}::text[]) as wanted (key)
      left join limits on limits.key = wanted.key`.execute(trx);
    for (const { key, max_running, held, taken } of rows) {
      this.#known.set(key, { maxRunning: max_running, isOnHold: held, taken });
    }
  }

  of(key: string): KeyStanding {
    return this.#known.get(key) ?? free;
  }

  take(keys: readonly string[]): void {
    for (const key of keys) {
      const standing = this.of(key);
      this.#known.set(key, { ...standing, taken: standing.taken + 1 });
    }
  }
}
