import { once } from 'node:events';
import type { Response } from 'express';
import type { RunEvent } from '../services/runs/run-services';

/** Proxies close connections on which nothing moves. */
const commentEveryMs = 15_000;

/** Writes Server-Sent Events. An error before the first event is thrown, so that it becomes a problem. */
export async function sendEvents(response: Response, events: AsyncIterable<RunEvent>): Promise<void> {
  let comments: NodeJS.Timeout | undefined;
  try {
    for await (const { id, event, data } of events) {
      comments ??= beginEvents(response);
      await write(response, `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    }
    response.end();
  } finally {
    clearInterval(comments);
  }
}

function beginEvents(response: Response): NodeJS.Timeout {
  response.set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  });
  response.flushHeaders();
  return setInterval(() => response.write(': still here\n\n'), commentEveryMs);
}

/** Writes lines of text as they come. */
export async function sendLines(response: Response, lines: AsyncIterable<string>): Promise<void> {
  const begin = () => {
    if (response.headersSent) return;
    response.set({ 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' });
    response.flushHeaders();
  };
  for await (const line of lines) {
    begin();
    await write(response, line);
  }
  begin();
  response.end();
}

/** Waits while the caller reads more slowly than we write. */
async function write(response: Response, text: string): Promise<void> {
  if (response.write(text) || response.destroyed) return;
  await Promise.race([once(response, 'drain'), once(response, 'close')]);
}
