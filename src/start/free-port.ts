import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { errorCodeOf } from '../domain/errors';

/** A port of 127.0.0.1 that nobody listens on at this moment. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new TypeError('A TCP server has an address.');
  return address.port;
}

/** `null` when a server can listen there now, else the system's code: `EADDRINUSE`, `EACCES`, … */
export async function whyNotListen(host: string, port: number): Promise<string | null> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return null;
  } catch (error) {
    return errorCodeOf(error) || 'no reason given';
  }
}

/**
 * The port that a file remembers, or, at the first time and when it is taken meanwhile, a free one that is
 * remembered from then on. What has been told the port once finds it again after a restart.
 */
export async function keepPort(file: string): Promise<number> {
  const known = Number(await readFile(file, 'utf8').catch(() => ''));
  if (Number.isInteger(known) && known > 0 && (await whyNotListen('127.0.0.1', known)) === null) return known;
  const port = await findFreePort();
  await writeFile(file, `${port}\n`);
  return port;
}
