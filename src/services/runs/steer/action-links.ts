import { z } from 'zod';
import { ConflictError, NotFoundError } from '../../../domain/errors';
import type { JsonObject } from '../../../domain/model/json';
import { resolveActions, type ResolveAction, type Run } from '../../../domain/model/run';
import { parkedForDays } from '../../../domain/rules/parked';
import { readSnapshotTask } from '../../../store/runs/read-snapshot';
import type { RunDependencies } from '../dependencies';
import { noSuchTask, refuseNotParked, resolveTask } from './resolve-task';

const DAY = 86_400_000;

/** What a link says; signed, so that nobody can change it. Short names: it stands in a URL. */
const payloadSchema = z.strictObject({
  run: z.string(),
  task: z.string(),
  action: z.enum(resolveActions),
  /** Milliseconds: the moment at which the task was parked. A link is for that one time. */
  parked: z.number(),
  /** Milliseconds. */
  ends: z.number(),
  /** Whom the link was made for. */
  for: z.string(),
});
type Payload = z.infer<typeof payloadSchema>;

/** Links that decide on a parked task without a token, each for one decision, once. */
export interface ActionLinks {
  /** An instant. */
  readonly expiresAt: string;
  readonly links: Readonly<Record<ResolveAction, string>>;
}

/** What a link would do, for the page that asks before it is done. */
export interface ActionPreview {
  readonly action: ResolveAction;
  readonly for: string;
  readonly runId: string;
  readonly taskName: string;
  readonly error: string;
}

/**
 * Makes links for somebody to decide on a parked task; they end 7 days after it was parked, or with the first decision.
 *
 * @param recipient whom they are for, e.g. an e-mail address: the decision is written down as theirs.
 * @throws NotFoundError, ConflictError when the task is not parked.
 */
export async function makeActionLinks(
  dependencies: RunDependencies,
  { runId, taskId }: { readonly runId: string; readonly taskId: string },
  recipient: string,
): Promise<ActionLinks> {
  const task = await requireParked(dependencies, { run: runId, task: taskId });
  const parked = task.parked_at?.getTime() ?? 0;
  const ends = parked + parkedForDays * DAY;
  const linkOf = (action: ResolveAction) => {
    const payload: Payload = { run: runId, task: taskId, action, parked, ends, for: recipient };
    const token = dependencies.actionSigner.sign(JSON.stringify(payload));
    return `${dependencies.publicUrl}/api/v1/actions/${token}`;
  };
  return {
    expiresAt: new Date(ends).toISOString(),
    links: { retry: linkOf('retry'), skip: linkOf('skip'), succeed: linkOf('succeed'), fail: linkOf('fail') },
  };
}

/** What a link would do; changes nothing. @throws NotFoundError, ConflictError when it cannot be used any more. */
export async function previewAction(dependencies: RunDependencies, token: string): Promise<ActionPreview> {
  const payload = open(dependencies, token);
  const task = await requireParked(dependencies, payload);
  refuseUsed(payload, task.parked_at);
  return {
    action: payload.action,
    for: payload.for,
    runId: payload.run,
    taskName: task.name,
    error: task.error?.message ?? '',
  };
}

/** Does what a link says. @throws NotFoundError, ConflictError when it cannot be used any more. */
export async function followActionLink(
  dependencies: RunDependencies,
  token: string,
  { parameters, note }: { readonly parameters?: JsonObject | undefined; readonly note?: string | undefined },
): Promise<Run> {
  const payload = open(dependencies, token);
  const task = await requireParked(dependencies, payload);
  refuseUsed(payload, task.parked_at);
  return resolveTask(
    dependencies,
    { runId: payload.run, taskId: payload.task },
    {
      action: payload.action,
      parameters,
      note,
      by: { type: 'user', id: `link:${payload.for}`, name: payload.for },
      parkedAt: new Date(payload.parked),
    },
  );
}

function open({ actionSigner }: RunDependencies, token: string): Payload {
  const text = actionSigner.verify(token);
  if (text === null) {
    throw new NotFoundError('This link is not valid. Copy it as a whole, or ask for a new one.');
  }
  const payload = payloadSchema.parse(JSON.parse(text));
  if (Date.now() < payload.ends) return payload;
  throw new ConflictError(`This link ended at ${new Date(payload.ends).toISOString()}.`, {
    code: 'LINK_EXPIRED',
  });
}

async function requireParked({ db }: RunDependencies, { run, task }: Pick<Payload, 'run' | 'task'>) {
  const found = await readSnapshotTask(db, run, task);
  if (found === null) throw noSuchTask({ runId: run, taskId: task });
  refuseNotParked(task, found.status);
  return found;
}

/** The task was decided on and then parked anew: this is another question. */
function refuseUsed({ parked }: Payload, parkedAt: Date | null): void {
  if (parkedAt?.getTime() === parked) return;
  throw new ConflictError(
    'This link has been used already. The task was parked anew since; there are new links.',
    {
      code: 'LINK_USED',
    },
  );
}
