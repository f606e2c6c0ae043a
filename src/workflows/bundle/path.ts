import { join } from 'node:path';

/** Where the build puts the workflow bundle, and where the worker finds it. */
export const workflowBundlePath = join(__dirname, '..', '..', 'workflow-bundle.js');
