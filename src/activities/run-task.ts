import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { endingOf } from '../domain/rules/outcome';
import { createEndRecorder } from '../store/run-tasks/record-end';
import { createAttemptStarter, type EndedTask } from '../store/run-tasks/start-attempt';
import { createLogAppender } from '../store/task-log';
import type { TaskInput } from '../workflows/messages';
import { Attempt } from './attempt';
import type { ActivityDependencies } from './dependencies';
import { failedForGood } from './failures';
import { startHeartbeat } from './heartbeat';
import type { TaskOutcome } from './task-outcome';

/**
 * Executes a task once and records how it went.
 *
 * *Idempotent:* a task that has ended is not executed again, its recorded end is answered; tables are published
 * once per run and task; a remote job that was started before is followed, not started again.
 */
export function createRunTask(dependencies: ActivityDependencies) {
  const { db, granter } = dependencies;
  const startAttempt = createAttemptStarter(db, (granted) => void granter.tell(granted));
  const store = {
    recordEnd: createEndRecorder(db, (keys) => void granter.handOn(keys)),
    appendLog: createLogAppender(db),
  };

  return async ({ runId, taskId }: TaskInput): Promise<TaskOutcome> => {
    const context = Context.current();
    const endHeartbeat = startHeartbeat(context);
    try {
      const claim = { runId, taskId, claim: randomUUID() };
      const workflowId = context.info.workflowExecution?.workflowId ?? runId;
      const task = await startAttempt({ ...claim, workflowId });
      switch (task.kind) {
        case 'started':
          return await new Attempt(dependencies, store, { claim, task, context }).run();
        case 'waiting':
          return { ending: 'waiting' };
        case 'ended':
          return repeatEnd(task);
        case 'missing':
          throw ApplicationFailure.nonRetryable(`Run ${runId} has no task ${taskId}.`, 'TaskMissing');
      }
    } finally {
      endHeartbeat();
    }
  };
}

/** Answers again what an earlier attempt has recorded. */
function repeatEnd({ status, continueOnFailure, error }: EndedTask): TaskOutcome {
  const ending = endingOf(status, continueOnFailure) ?? 'terminated';
  if ((ending === 'failed' || ending === 'tolerated') && error !== null) throw failedForGood(error, ending);
  return { ending };
}
