import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { TransientError, UserError } from '../domain/errors';
import { defineComponent } from './component';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const waitConfiguration = z.strictObject({
  seconds: z
    .number()
    .min(0)
    .max(31_536_000)
    .meta({ description: 'How long to wait, in seconds; fractions are allowed' }),
  outcome: z.enum(['success', 'userError', 'applicationError']).default('success').meta({
    description: 'How the task ends after the wait; an application error is retried, a user error is not',
  }),
  message: z.string().max(1_000).optional().meta({ description: 'What the task says at its end' }),
});

/** Waits, and then ends as it is told: for pauses between phases, and for trying out what a failure does. */
export const jobWait = defineComponent({
  id: 'job-wait',
  name: 'Wait',
  type: 'other',
  description:
    'Waits for some seconds, then ends as it is told to. For pauses, and to try out what a failure does.',
  configuration: waitConfiguration,
  examples: [
    { title: 'Nothing but a step that succeeds', configuration: { seconds: 0 } },
    { title: 'A short pause', configuration: { seconds: 0.05, message: 'Rested.' } },
  ],
  async run({ seconds, outcome, message }, { signal }) {
    if (seconds > 0) await wait(seconds * SECOND, signal);
    const sentence = message ?? `Waited for ${seconds} seconds.`;
    switch (outcome) {
      case 'success':
        return { message: sentence };
      case 'userError':
        throw new UserError(sentence, { code: 'WAIT_USER_ERROR' });
      case 'applicationError':
        throw new TransientError(sentence, { code: 'WAIT_APPLICATION_ERROR' });
    }
  },
});

/** Node's timers hold about 24 days: a longer wait is taken in parts. */
async function wait(ms: number, signal: AbortSignal): Promise<void> {
  const longest = 24 * 60 * MINUTE;
  for (let left = ms; left > 0; left -= longest) await delay(Math.min(left, longest), undefined, { signal });
}
