import type { StartedBy } from '../domain/model/run';

/** What a caller may do; each role may do all that the ones after it may. */
export const roles = ['admin', 'editor', 'operator', 'viewer'] as const;
export type Role = (typeof roles)[number];

/** Who asks. */
export interface Caller {
  readonly id: string;
  readonly name: string;
  readonly type: Extract<StartedBy['type'], 'user' | 'token'>;
  readonly role: Role;
}

/** Whether somebody with `role` may do what needs `needed`. */
export function mayAct(role: Role, needed: Role): boolean {
  return roles.indexOf(role) <= roles.indexOf(needed);
}
