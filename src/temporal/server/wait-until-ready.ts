import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { UserError } from '../../domain/errors';
import { hasEnded } from '../../stop-process';

const readyWithinMs = 60_000;

interface StartingServer {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly namespace: string;
  /** Aborted when nobody wants the server any more. */
  readonly signal?: AbortSignal;
}

/**
 * Waits until a server answers for its namespace.
 *
 * @throws UserError when it ends or stays silent; the signal's reason when aborted.
 */
export async function waitUntilReady(child: ChildProcess, server: StartingServer): Promise<void> {
  const giveUpAt = Date.now() + readyWithinMs;
  let spawnError: Error | undefined;
  child.once('error', (error) => {
    spawnError = error;
  });
  while (!(await answers(server))) {
    server.signal?.throwIfAborted();
    if (spawnError !== undefined || hasEnded(child) || Date.now() > giveUpAt) {
      throw new UserError(
        `Temporal's server did not start on 127.0.0.1:${server.port}${spawnError === undefined ? '' : `: ${spawnError.message}`}. See temporal.log in the folder logs of DATA_DIR, or set TEMPORAL_ADDRESS to a server that exists.`,
        { code: 'TEMPORAL_NOT_STARTED', cause: spawnError },
      );
    }
    await delay(30);
  }
  server.signal?.throwIfAborted();
}

async function answers({ port, namespace }: StartingServer): Promise<boolean> {
  // A client of gRPC that finds nobody waits a second or more before it looks again.
  if (!(await listens(port))) return false;
  const connection = Connection.lazy({ address: `127.0.0.1:${port}`, connectTimeout: 1_000 });
  try {
    await connection.withDeadline(Date.now() + 2_000, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
