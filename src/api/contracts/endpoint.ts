import { z } from 'zod';

/** Who may call an endpoint; `none` needs no token. Each role may do all that the ones after it may. */
export type Permission = 'admin' | 'editor' | 'operator' | 'viewer' | 'none';

/** How an endpoint answers when all goes well. */
export type Success =
  | { readonly kind: 'json'; readonly status: 200 | 201 | 202; readonly schema: z.ZodType }
  | { readonly kind: 'empty'; readonly status: 204 }
  | { readonly kind: 'stream'; readonly status: 200; readonly mediaTypes: readonly string[] };

/**
 * An endpoint as data. Express, OpenAPI and clients are readings of it.
 * Paths are relative to `/api/v1` and name their parameters as OpenAPI does: `/runs/{id}`.
 */
export interface Endpoint<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> {
  /** OpenAPI's operationId: a verb and a noun. */
  readonly name: string;
  readonly method: 'get' | 'post' | 'put' | 'delete';
  readonly path: string;
  readonly permission: Permission;
  readonly summary: string;
  readonly tag: string;
  readonly params: Params;
  readonly query: Query;
  /** `null` for none; `'upload'` when the handler reads the request itself. */
  readonly body: Body | null | 'upload';
  /** Needs `If-Match` with the version that the caller has seen. */
  readonly ifMatch: boolean;
  /** Accepts `Idempotency-Key`. */
  readonly idempotent: boolean;
  /** Accepts the body of an HTML form too. */
  readonly form: boolean;
  readonly success: Success;
}

const nothing = z.strictObject({});

type Draft<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = Pick<
  Endpoint<P, Q, B>,
  'name' | 'method' | 'path' | 'permission' | 'summary' | 'tag' | 'success'
> &
  Partial<Pick<Endpoint<P, Q, B>, 'params' | 'query' | 'body' | 'ifMatch' | 'idempotent' | 'form'>>;

/** Declares an endpoint; what is left out is none. */
export function defineEndpoint<
  P extends z.ZodType = typeof nothing,
  Q extends z.ZodType = typeof nothing,
  B extends z.ZodType = z.ZodNever,
>(draft: Draft<P, Q, B>): Endpoint<P, Q, B> {
  return {
    params: nothing as unknown as P,
    query: nothing as unknown as Q,
    body: null,
    ifMatch: false,
    idempotent: false,
    form: false,
    ...draft,
  };
}

/** Answers JSON. */
export function json(status: 200 | 201 | 202, schema: z.ZodType): Success {
  return { kind: 'json', status, schema };
}

export const empty: Success = { kind: 'empty', status: 204 };

export function stream(...mediaTypes: readonly string[]): Success {
  return { kind: 'stream', status: 200, mediaTypes };
}

/** Which page of a list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
};

/** A page of a list; `nextCursor` is `null` at the end. */
export function pageOf(item: z.ZodType) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
}
