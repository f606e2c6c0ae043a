import type { Services } from '../../services/services';
import { bind, type Binding } from '../bind';
import * as contracts from '../contracts/runs';
import { sendEvents, sendLines } from '../streams';

/** Starting, reading, following and stopping runs. */
export function bindRuns({ runs }: Pick<Services, 'runs'>): Binding[] {
  return [
    bind(contracts.startRun, async ({ params, body, caller }) => {
      const { id, name, type } = caller;
      const run = await runs.startRun({ orchestrationId: params.id, startedBy: { type, id, name }, ...body });
      return { body: run, location: `/runs/${run.id}` };
    }),
    bind(contracts.listRuns, async ({ query }) => ({ body: await runs.listRuns(query) })),
    bind(contracts.getRun, async ({ params }) => ({ body: await runs.getRun(params.id) })),
    bind(contracts.getRunTree, async ({ params }) => ({ body: await runs.readTree(params.id) })),
    bind(contracts.cancelRun, async ({ params, body }) => ({ body: await runs.cancelRun(params.id, body) })),
    bind(contracts.getRetrySelection, async ({ params }) => ({
      body: { taskIds: await runs.preselectRetry(params.id) },
    })),
    bind(contracts.retryRun, async ({ params, body, caller: { type, id, name } }) => {
      if (body.dryRun === true) return { status: 200, body: await runs.planRetry(params.id, body) };
      const run = await runs.retryRun(params.id, { ...body, startedBy: { type, id, name } });
      return { body: run, location: `/runs/${run.id}` };
    }),
    bind(contracts.resolveTask, async ({ params: { id: runId, taskId }, body, caller }) => {
      const by = { type: caller.type, id: caller.id, name: caller.name };
      return { body: await runs.resolveTask({ runId, taskId }, { ...body, by }) };
    }),
    bind(contracts.pauseRun, async ({ params }) => ({ body: await runs.pauseRun(params.id, true) })),
    bind(contracts.resumeRun, async ({ params }) => ({ body: await runs.pauseRun(params.id, false) })),
    bind(contracts.watchRun, async ({ params, request, response, signal }) => {
      const sinceEventId = request.get('last-event-id');
      await sendEvents(response, runs.watchRun(params.id, { sinceEventId, signal }));
      return {};
    }),
    bind(contracts.readTaskLog, async ({ params, query, response, signal }) => {
      const options = { attempt: query.attempt, follow: query.follow === 'true', signal };
      await sendLines(response, runs.readTaskLog(params.id, params.taskId, options));
      return {};
    }),
  ];
}
