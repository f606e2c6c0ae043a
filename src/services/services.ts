import type { TableStorage } from '../storage/table-storage';
import type { DefinitionDependencies } from './definitions/dependencies';
import type { HealthService } from './health';
import type { LimitServices } from './limits';
import type { RunServices } from './runs/run-services';

/** Everything that a caller can ask, and what it takes to answer. */
export interface Services {
  readonly definitions: DefinitionDependencies;
  readonly runs: RunServices;
  readonly tables: TableStorage;
  readonly health: HealthService;
  readonly limits: LimitServices;
}
