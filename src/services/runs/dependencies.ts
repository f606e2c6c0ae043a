import type { Component } from '../../components/component';
import type { TokenSigner } from '../../secrets/token-signer';
import type { ChangeListener } from '../../store/change-listener';
import type { Db } from '../../store/database';
import type { Granter } from '../../store/leases/granter';
import type { RunEngine } from '../../temporal/runs';
import type { TemporalLinks } from './read/present-run';

/** What the services of runs need; compose.ts chooses the implementations. */
export interface RunDependencies {
  readonly db: Db;
  readonly engine: RunEngine;
  readonly changes: ChangeListener;
  readonly findComponent: (id: string) => Component | undefined;
  readonly links: TemporalLinks;
  readonly granter: Granter;
  /** Signs links that decide on parked tasks. */
  readonly actionSigner: TokenSigner;
  /** Where the product is reached, without a slash at the end. */
  readonly publicUrl: string;
}
