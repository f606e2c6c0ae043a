import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config';
import { UserError } from '../domain/errors';
import { whyNotListen } from './free-port';

/** A product that was killed a moment ago may still be letting go of its ports. */
const patienceMs = 3_000;

interface WantedPort {
  readonly host: string;
  readonly port: number;
  /** The variable of the environment that sets it. */
  readonly variable: string;
}

/** Checks that the ports can be had, before anything is started. @throws UserError naming the first that cannot. */
export async function checkPorts(config: Config): Promise<void> {
  const wanted = listPorts(config);
  for (const one of wanted) {
    const other = wanted.find((candidate) => candidate !== one && candidate.port === one.port);
    if (other !== undefined) throw wantedTwice(one, other);
  }
  const giveUpAt = Date.now() + patienceMs;
  for (const one of wanted) {
    let why = await whyNotListen(one.host, one.port);
    while (why === 'EADDRINUSE' && Date.now() < giveUpAt) {
      await delay(100);
      why = await whyNotListen(one.host, one.port);
    }
    if (why !== null) throw cannotListen(one, why);
  }
}

function listPorts({ host, port, temporal }: Config): WantedPort[] {
  const own = { host, port, variable: 'PORT' };
  if (temporal.address !== null) return [own];
  return [
    own,
    { host: '127.0.0.1', port: temporal.port, variable: 'TEMPORAL_PORT' },
    { host: '127.0.0.1', port: temporal.uiPort, variable: 'TEMPORAL_UI_PORT' },
  ];
}

function wantedTwice(one: WantedPort, other: WantedPort): UserError {
  return new UserError(
    `${one.variable} and ${other.variable} are both ${one.port}. Set one of them to another port.`,
    { code: 'PORT_TAKEN' },
  );
}

function cannotListen({ host, port, variable }: WantedPort, why: string): UserError {
  const example = `e.g. ${variable}=${port < 1_024 ? port + 8_000 : port + 1} npm start`;
  switch (why) {
    case 'EADDRINUSE':
      return new UserError(
        `Port ${port} on ${host} is taken by another program. Set ${variable} to a free one, ${example}.`,
        { code: 'PORT_TAKEN' },
      );
    case 'EACCES':
      return new UserError(
        `This user may not listen on port ${port} of ${host}. Set ${variable} to another one, ${example}.`,
        { code: 'PORT_NOT_ALLOWED' },
      );
    default:
      return new UserError(
        `This machine cannot listen on ${host} (${why}). Set HOST to one of its addresses, or to 0.0.0.0 for all of them.`,
        { code: 'HOST_NOT_USABLE' },
      );
  }
}
