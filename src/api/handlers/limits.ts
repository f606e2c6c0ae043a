import type { Services } from '../../services/services';
import { bind, type Binding } from '../bind';
import * as contracts from '../contracts/limits';

/** Limits and holds. */
export function bindLimits({ limits }: Pick<Services, 'limits'>): Binding[] {
  return [
    bind(contracts.listLimits, async () => ({ body: { items: await limits.listLimits() } })),
    bind(contracts.getLimit, async ({ params }) => ({ body: await limits.getLimit(params.key) })),
    bind(contracts.setLimit, async ({ params, body }) => ({
      body: await limits.setLimit(params.key, body.maxRunning),
    })),
    bind(contracts.hold, async ({ params, body, caller }) => ({
      body: await limits.hold(params.key, body, caller),
    })),
    bind(contracts.releaseHold, async ({ params }) => ({ body: await limits.release(params.key) })),
  ];
}
