import type { LeaseKeyKind } from '../model/limit';

/** What a task is kept apart from others by; in a fixed order, so that what it waits for is told the same way. */
export function leaseKeysOf(task: {
  readonly configurationId: string | null;
  readonly componentId: string;
  /** The outside system it connects to, e.g. `postgres://db.example.com:5432/crm`. */
  readonly connection: string | null;
}): readonly string[] {
  return [
    ...(task.configurationId === null ? [] : [configurationKey(task.configurationId)]),
    ...(task.connection === null ? [] : [`connection:${task.connection}`]),
    `component:${task.componentId}`,
  ];
}

export function configurationKey(configurationId: string): string {
  return `configuration:${configurationId}`;
}

export function kindOfKey(key: string): LeaseKeyKind {
  if (key.startsWith('configuration:')) return 'configuration';
  return key.startsWith('connection:') ? 'connection' : 'component';
}

/** How a key stands: its limit, whether an operator holds it, and how many tasks have it. */
export interface KeyStanding {
  readonly maxRunning: number | null;
  readonly isOnHold: boolean;
  readonly taken: number;
}

/** A configuration never runs twice at once, whatever its limit says. */
export function maxRunningOf(key: string, limit: number | null): number {
  if (kindOfKey(key) === 'configuration') return 1;
  return limit ?? Number.POSITIVE_INFINITY;
}

/** Why a key cannot be had now; `null` when it can. */
export function obstacleOf(key: string, standing: KeyStanding): 'hold' | 'configuration' | 'limit' | null {
  if (standing.isOnHold) return 'hold';
  if (standing.taken < maxRunningOf(key, standing.maxRunning)) return null;
  return kindOfKey(key) === 'configuration' ? 'configuration' : 'limit';
}
