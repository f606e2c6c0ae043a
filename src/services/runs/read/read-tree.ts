import type { RunTree } from '../../../domain/model/run-tree';
import { listDescendants } from '../../../store/runs/nested-runs';
import { findRunRows, type RunRow } from '../../../store/runs/read-run';
import type { RunDependencies } from '../dependencies';
import { noSuchRun, waitingForOf } from './get-run';
import { presentSummary } from './present-run';

/** A run and all that are nested in it. @throws NotFoundError */
export async function readTree(
  { db, links }: Pick<RunDependencies, 'db' | 'links'>,
  runId: string,
): Promise<RunTree> {
  const rows = await findRunRows(db, [runId, ...(await listDescendants(db, runId))]);
  const root = rows.find((row) => row.id === runId);
  if (root === undefined) throw noSuchRun(runId);
  const toTree = async (row: RunRow): Promise<RunTree> => ({
    run: presentSummary(row, { links, waitingFor: await waitingForOf(db, row) }),
    nested: await Promise.all(rows.filter((other) => other.parent_run_id === row.id).map(toTree)),
  });
  return toTree(root);
}
