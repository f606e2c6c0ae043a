import { parseKeyRing } from '../../src/secrets/key-ring';
import { createTokenSigner } from '../../src/secrets/token-signer';
import type { RunTask } from '../../src/domain/model/run';
import { aWait, ada, anOrchestration } from '../support/cast';
import { startTestApi, type TestApi } from '../support/api';
import { startTestEngine, type TestEngine } from '../support/engine';
import { until } from '../support/until';

let engine: TestEngine;
let api: TestApi;
beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi({ db: engine.database.db, runs: engine.runs });
});
afterAll(async () => {
  await api.close();
  await engine.close();
});

const failing = { seconds: 0, outcome: 'userError', message: 'No sheet <b>"A&B"</b>.' };

async function aParkedTask(): Promise<string> {
  const orchestrationId = await anOrchestration(engine.database.db, [
    [aWait('task', failing, { onExhausted: 'park' })],
  ]);
  const { id } = await engine.runs.startRun({ orchestrationId, startedBy: ada });
  await untilParked(id, null);
  return id;
}
/** Parked, and not at that moment. */
const untilParked = (runId: string, notAt: string | null): Promise<RunTask> =>
  until('the task to be parked', async () => {
    const task = await taskOf(runId);
    return task.status === 'parked' && task.parkedAt !== notAt ? task : undefined;
  });
async function taskOf(runId: string): Promise<RunTask> {
  const [task] = (await engine.runs.getRun(runId)).phases[0]?.tasks ?? [];
  if (task === undefined) throw new Error('There is no task.');
  return task;
}

/** Links for Grace, as paths of the test's own server. */
async function linksOf(runId: string): Promise<Record<string, string>> {
  const { status, body } = await api.call('POST', `/runs/${runId}/tasks/tsk_task/action-links`, {
    for: 'grace@example.com',
  });
  expect(status).toBe(200);
  const links = Object.entries(body.links as Record<string, string>);
  return Object.fromEntries(links.map(([action, url]) => [action, `${api.url}${new URL(url).pathname}`]));
}
/** As a browser does: no token, a form. */
const press = (url: string | undefined, form: Record<string, string> = {}) =>
  fetch(url ?? '', { method: 'POST', body: new URLSearchParams(form) });

describe('signed links of a parked task', () => {
  it('ask before they do anything, and then decide, in the name of whom they were made for', async () => {
    const id = await aParkedTask();
    const { skip = '' } = await linksOf(id);
    const asked = await fetch(skip);
    expect([asked.status, asked.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const page = await asked.text();
    expect(page).toContain('Skip the task');
    expect(page).toContain('No sheet &lt;b&gt;&quot;A&amp;B&quot;&lt;/b&gt;.');
    expect((await taskOf(id)).status).toBe('parked');
    const done = await press(skip, { note: 'Sheet is on its way' });
    expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('<h1>Done</h1>')]);
    expect((await engine.ended(id)).status).toBe('warning');
    expect((await taskOf(id)).resolution).toMatchObject({
      action: 'skip',
      note: 'Sheet is on its way',
      by: { id: 'link:grace@example.com', name: 'grace@example.com' },
    });
    const lines: string[] = [];
    const { signal } = new AbortController();
    for await (const line of engine.runs.readTaskLog(id, 'tsk_task', { follow: false, signal }))
      lines.push(line);
    expect(lines.join('\n')).toContain('grace@example.com decided: skip. Sheet is on its way');
  });

  it('work once: neither the same link nor another one decides again', async () => {
    const id = await aParkedTask();
    const links = await linksOf(id);
    expect((await press(links.succeed)).status).toBe(200);
    for (const url of Object.values(links)) expect((await press(url)).status).toBe(409);
    expect((await fetch(links.fail ?? '')).status).toBe(409);
    expect((await engine.ended(id)).status).toBe('success');
  });

  it('are for the one time that the task was parked', async () => {
    const id = await aParkedTask();
    const first = await linksOf(id);
    const { parkedAt } = await taskOf(id);
    expect((await press(first.retry, { parameters: '{"day": "Monday"}' })).status).toBe(200);
    await untilParked(id, parkedAt);
    const again = await press(first.fail);
    expect([again.status, await again.text()]).toEqual([409, expect.stringContaining('used already')]);
    expect((await press((await linksOf(id)).fail)).status).toBe(200);
    expect((await engine.ended(id)).status).toBe('error');
  });

  it('refuse parameters that are no object, and change nothing', async () => {
    const id = await aParkedTask();
    const links = await linksOf(id);
    expect((await press(links.retry, { parameters: 'day=Monday' })).status).toBe(400);
    expect((await press(links.skip, { parameters: '{"day": 1}' })).status).toBe(422);
    expect((await taskOf(id)).status).toBe('parked');
    await press(links.fail);
    await engine.ended(id);
  });

  it('cannot be forged, changed, or used after their time', async () => {
    const id = await aParkedTask();
    const { fail = '' } = await linksOf(id);
    const [payload = '', key = '', signature = ''] = (fail.split('/actions/')[1] ?? '').split('.');
    const changed = Buffer.from(
      Buffer.from(payload, 'base64url').toString().replace('fail', 'skip'),
    ).toString('base64url');
    for (const token of [`${changed}.${key}.${signature}`, `${payload}.${key}.`, payload, 'x.y.z']) {
      expect((await press(`${api.url}/api/v1/actions/${token}`)).status).toBe(404);
    }
    const keys = parseKeyRing(`test:${Buffer.alloc(32, 7).toString('base64')}`);
    const old = {
      ...(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object),
      ends: Date.now() - 1,
    };
    const late = createTokenSigner(keys, 'action links').sign(JSON.stringify(old));
    const answer = await press(`${api.url}/api/v1/actions/${late}`);
    expect([answer.status, await answer.text()]).toEqual([
      409,
      expect.stringContaining('This link ended at'),
    ]);
    const elsewhere = createTokenSigner(keys, 'something else').sign(
      Buffer.from(payload, 'base64url').toString(),
    );
    expect((await press(`${api.url}/api/v1/actions/${elsewhere}`)).status).toBe(404);
    await press(fail);
    await engine.ended(id);
  });

  it('are not made for a task that is not parked', async () => {
    const orchestrationId = await anOrchestration(engine.database.db, [[aWait('task', { seconds: 0 })]]);
    const { id } = await engine.runs.startRun({ orchestrationId, startedBy: ada });
    await engine.ended(id);
    const answer = await api.call('POST', `/runs/${id}/tasks/tsk_task/action-links`, { for: 'x' });
    expect(answer.status).toBe(409);
  });
});
