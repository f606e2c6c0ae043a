import { sql } from 'kysely';
import type { Db } from './database';

export interface RememberedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface KeyedRequest {
  readonly scope: string;
  readonly key: string;
  readonly bodySha256: string;
}

/** What is known of a key: it is free and now taken, in the hands of an earlier request, or answered. */
export type KeyStanding =
  | { readonly kind: 'taken' }
  | { readonly kind: 'underWay' }
  | { readonly kind: 'otherBody' }
  | { readonly kind: 'answered'; readonly answer: RememberedAnswer };

/** A request that has not answered by then was lost with its process. */
const lostAfterMinutes = 2;
/** The contract promises a day at least. */
const keptHours = 48;

/** Takes a key for a request, unless an earlier one has it. */
export async function takeKey(db: Db, { scope, key, bodySha256 }: KeyedRequest): Promise<KeyStanding> {
  const taken = await sql`
    insert into idempotency_keys (scope, key, body_sha256) values (${scope}, ${key}, ${bodySha256})
    on conflict (scope, key) do update set created_at = now(), body_sha256 = excluded.body_sha256
      where idempotency_keys.status is null
        and idempotency_keys.created_at < now() - make_interval(mins => ${lostAfterMinutes})
    returning key`.execute(db);
  if (taken.rows.length > 0) return { kind: 'taken' };
  const row = await db
    .selectFrom('idempotency_keys')
    .select(['body_sha256', 'status', 'headers', 'body'])
    .where('scope', '=', scope)
    .where('key', '=', key)
    .executeTakeFirst();
  if (row === undefined) return { kind: 'underWay' };
  if (row.body_sha256 !== bodySha256) return { kind: 'otherBody' };
  if (row.status === null) return { kind: 'underWay' };
  return {
    kind: 'answered',
    answer: { status: row.status, headers: row.headers ?? {}, body: row.body ?? '' },
  };
}

export async function rememberAnswer(
  db: Db,
  { scope, key }: KeyedRequest,
  answer: RememberedAnswer,
): Promise<void> {
  await db
    .updateTable('idempotency_keys')
    .set({ status: answer.status, headers: JSON.stringify(answer.headers), body: answer.body })
    .where('scope', '=', scope)
    .where('key', '=', key)
    .execute();
}

/** Frees a key whose request came to nothing. */
export async function freeKey(db: Db, { scope, key }: KeyedRequest): Promise<void> {
  await db.deleteFrom('idempotency_keys').where('scope', '=', scope).where('key', '=', key).execute();
}

/** Forgets keys that are older than what the contract promises. */
export async function forgetOldKeys(db: Db): Promise<void> {
  await sql`delete from idempotency_keys where created_at < now() - make_interval(hours => ${keptHours})`.execute(
    db,
  );
}
