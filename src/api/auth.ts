import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import { ForbiddenError } from '../domain/errors';
import { mayAct, type Caller } from '../services/caller';
import type { Permission } from './contracts/endpoint';
import { HttpError } from './problems';

/** Finds out who asks. */
export interface Authenticator {
  /** The caller whose token this is; `null` for nobody's. */
  findCaller(token: string): Caller | null;
}

/** The first administrator, who holds the installation's own token. */
const administrator: Caller = { id: 'usr_admin', name: 'Administrator', type: 'user', role: 'admin' };

/** Knows one token. How long a comparison takes says nothing about the token. */
export function createAdminAuthenticator(adminToken: string): Authenticator {
  const known = digest(adminToken);
  return { findCaller: (token) => (timingSafeEqual(digest(token), known) ? administrator : null) };
}

/** @throws HttpError 401 without a token that is known, ForbiddenError when the caller may not do this. */
export function authorize(
  request: Request,
  permission: Exclude<Permission, 'none'>,
  authenticator: Authenticator,
): Caller {
  const token = /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
  if (token === undefined) throw unauthenticated('Send "Authorization: Bearer <token>".');
  const caller = authenticator.findCaller(token);
  if (caller === null) throw unauthenticated('This token is not known.');
  if (!mayAct(caller.role, permission)) {
    throw new ForbiddenError(`This needs the role "${permission}"; the token has "${caller.role}".`);
  }
  return caller;
}

function unauthenticated(detail: string): HttpError {
  return new HttpError(401, 'UNAUTHENTICATED', detail, { 'WWW-Authenticate': 'Bearer' });
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
