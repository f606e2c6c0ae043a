import type { DevServer } from '../../src/temporal/server/dev-server';
import type { EmbeddedPostgres } from '../../src/store/embedded/embedded-postgres';

/** What the whole suite shares; made once by global-setup.ts, ended by global-teardown.ts. */
export interface SharedServices {
  readonly folder: string;
  readonly postgres: EmbeddedPostgres;
  readonly temporal: DevServer;
}

/** Jest hands nothing from set-up to teardown but the global object. */
export const shared = globalThis as typeof globalThis & { orchestratorServices?: SharedServices };

/** Names of the variables by which test files find the shared services. */
export const serviceVariables = {
  postgresUrl: 'TEST_POSTGRES_URL',
  temporalAddress: 'TEST_TEMPORAL_ADDRESS',
  workflowBundle: 'TEST_WORKFLOW_BUNDLE',
} as const;
