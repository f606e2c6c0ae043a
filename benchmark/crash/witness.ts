import { setTimeout as delay } from 'node:timers/promises';
import { json, startHttpServer } from '../../test/support/http-server';

/** A server outside the product whose work takes a second: it knows when each task was asked for, whoever crashed. */
export interface Witness {
  readonly url: string;
  /** When each task of a run was asked for, in milliseconds, by task id. */
  callsOf(runId: string): ReadonlyMap<string, readonly number[]>;
  close(): Promise<void>;
}

export async function startWitness(workMs: number): Promise<Witness> {
  const calls = new Map<string, Map<string, number[]>>();
  const server = await startHttpServer(({ path }, response) => {
    const [, runId = '', taskId = ''] = path.split('/');
    const ofRun = calls.get(runId) ?? new Map<string, number[]>();
    calls.set(runId, ofRun.set(taskId, [...(ofRun.get(taskId) ?? []), Date.now()]));
    void delay(workMs).then(() => {
      json(response, 200, { done: true });
    });
  });
  return {
    url: server.url,
    callsOf: (runId) => calls.get(runId) ?? new Map<string, number[]>(),
    close: () => server.close(),
  };
}
