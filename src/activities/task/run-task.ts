import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { endingOf } from '../../domain/rules/outcome';
import { expireParked } from '../../store/run-tasks/resolve-parked';
import { createEndRecorder } from '../../store/run-tasks/record-end';
import { createAttemptStarter } from '../../store/run-tasks/start-attempt';
import type { AttemptAnswer, EndedTask, StartRequest } from '../../store/run-tasks/attempt-answer';
import { createLogAppender } from '../../store/task-log';
import type { TaskInput } from '../../workflows/messages';
import { Attempt } from './attempt';
import type { ActivityDependencies } from '../dependencies';
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
  const { db, preparedDb, granter } = dependencies;
  const startAttempt = createAttemptStarter({ db, preparedDb }, (granted) => void granter.tell(granted));
  const store = {
    recordEnd: createEndRecorder(preparedDb, (keys) => void granter.handOn(keys)),
    appendLog: createLogAppender(preparedDb),
  };

  /** A parked task that nobody has decided on in time has failed. */
  const startUnlessExpired = async (request: StartRequest): Promise<AttemptAnswer> => {
    const answer = await startAttempt(request);
    const hasExpired = answer.kind === 'parked' && (await expireParked(db, request));
    return hasExpired ? startAttempt(request) : answer;
  };

  return async ({ runId, taskId, isStopping = false }: TaskInput): Promise<TaskOutcome> => {
    const context = Context.current();
    const endHeartbeat = startHeartbeat(context);
    try {
      const claim = { runId, taskId, claim: randomUUID() };
      const workflowId = context.info.workflowExecution?.workflowId ?? runId;
      const task = await startUnlessExpired({ ...claim, workflowId });
      switch (task.kind) {
        case 'started':
          return await new Attempt(dependencies, store, {
            claim,
            task,
            context,
            workflowId,
            isStopping,
          }).run();
        case 'waiting':
          return { ending: 'waiting' };
        case 'parked':
          return { ending: 'parked' };
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

/** Answers again what an earlier attempt has recorded, or what a person has decided. */
function repeatEnd({ status, continueOnFailure, error }: EndedTask): TaskOutcome {
  if (status === 'skipped') return { ending: 'tolerated' };
  const ending = endingOf(status, continueOnFailure) ?? 'terminated';
  if ((ending === 'failed' || ending === 'tolerated') && error !== null) throw failedForGood(error, ending);
  return { ending };
}
