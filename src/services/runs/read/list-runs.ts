import { listRuns as listRunRows } from '../../../store/runs/read-run';
import type { RunDependencies } from '../dependencies';
import { waitingForOf } from './get-run';
import { presentSummary } from './present-run';
import type { RunFilter, RunPage } from '../run-services';

/** Runs without their phases, newest first. The cursor is the last run's id. */
export async function listRuns(
  { db, links }: Pick<RunDependencies, 'db' | 'links'>,
  { from, to, cursor, limit, ...filter }: RunFilter,
): Promise<RunPage> {
  const rows = await listRunRows(db, {
    ...filter,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
    before: cursor,
    limit: limit + 1,
  });
  const page = rows.slice(0, limit);
  const items = await Promise.all(
    page.map(async (run) => presentSummary(run, { links, waitingFor: await waitingForOf(db, run) })),
  );
  return { items, nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}
