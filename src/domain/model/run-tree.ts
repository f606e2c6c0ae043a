import { z } from 'zod';
import { runSummarySchema, type RunSummary } from './run';

/** A run, and the runs that are the work of its tasks, each with theirs. */
export interface RunTree {
  readonly run: RunSummary;
  readonly nested: RunTree[];
}

export const runTreeSchema: z.ZodType<RunTree> = z
  .strictObject({
    run: runSummarySchema,
    get nested() {
      return z.array(runTreeSchema);
    },
  })
  .meta({ id: 'RunTree' });
