import { randomUUID } from 'node:crypto';
import { serviceVariables } from './services';

/** The Temporal server of the suite. */
export function testTemporal(): { address: string; namespace: string; workflowBundlePath: string } {
  return {
    address: process.env[serviceVariables.temporalAddress] ?? '',
    namespace: 'default',
    workflowBundlePath: process.env[serviceVariables.workflowBundle] ?? '',
  };
}

/** A task queue that no other test uses. */
export function uniqueTaskQueue(): string {
  return `test-${randomUUID()}`;
}
