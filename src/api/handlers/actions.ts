import type { Response } from 'express';
import { MalformedError, isDomainError } from '../../domain/errors';
import type { JsonObject } from '../../domain/model/json';
import type { Services } from '../../services/services';
import { askPage, donePage, refusalPage } from '../action-page';
import { bind, type Binding } from '../bind';
import * as contracts from '../contracts/actions';
import { statusOf } from '../problems';

/** Signed links: pages for people, who come from a mail and have no token. */
export function bindActions({ runs }: Pick<Services, 'runs'>): Binding[] {
  return [
    bind(contracts.makeActionLinks, async ({ params: { id: runId, taskId }, body }) => ({
      body: await runs.makeActionLinks({ runId, taskId }, body.for),
    })),
    bind(contracts.previewAction, async ({ params, response }) => {
      await answerPage(response, async () => askPage(await runs.previewAction(params.token)));
      return {};
    }),
    bind(contracts.followActionLink, async ({ params, body, response }) => {
      await answerPage(response, async () => {
        const options = { note: body.note, parameters: toParameters(body.parameters) };
        return donePage(await runs.followActionLink(params.token, options));
      });
      return {};
    }),
  ];
}

/** A refusal is a page too. What is unexpected goes the way of all errors. */
async function answerPage(response: Response, page: () => Promise<string>): Promise<void> {
  response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' }).type('html');
  try {
    response.send(await page());
  } catch (error) {
    if (!isDomainError(error)) throw error;
    response.status(statusOf(error)).send(refusalPage(error.message));
  }
}

/** A form sends the text of an object; an empty one is none. */
function toParameters(given: JsonObject | string | undefined): JsonObject | undefined {
  if (typeof given !== 'string') return given;
  if (given.trim() === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(given);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as JsonObject;
  } catch {
    // Said below, as for any other text that is no object.
  }
  throw new MalformedError('The parameters must be a JSON object such as {"day": "Monday"}.');
}
