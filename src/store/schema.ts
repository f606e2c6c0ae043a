import type { DefinitionTables } from './migrations/0001-definitions';
import type { RunTables } from './run-tables';
import type { StorageTables } from './migrations/0003-tables';
import type { IdempotencyTables } from './migrations/0004-idempotency';
import type { LeaseTables } from './migrations/0005-leases';

/** Every table of the product's database; each migration file declares the types of what it makes. */
export interface Database
  extends DefinitionTables, RunTables, StorageTables, IdempotencyTables, LeaseTables {}
