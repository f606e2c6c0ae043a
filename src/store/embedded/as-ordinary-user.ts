import { spawnSync } from 'node:child_process';
import { UserError } from '../../domain/errors';

/** How a program is started: the program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** The user and group `nobody`: what PostgreSQL sees of a root user inside a user namespace. */
const namespace: Command = ['unshare', '--user', '--map-user=65534', '--map-group=65534', '--'];

/**
 * Wraps a command of PostgreSQL, which refuses to run as root: root starts it in a user namespace of its own, in
 * which it is `nobody` and still reaches root's files, also in a private home folder. An ordinary user needs nothing.
 *
 * @throws UserError where this system allows no user namespaces.
 */
export function asOrdinaryUser(command: Command): Command {
  if (process.getuid?.() !== 0) return command;
  const [program, ...args] = namespace;
  allowed ??=
    process.platform === 'linux' &&
    spawnSync(program, [...args, 'true'], { stdio: 'ignore', env: {} }).status === 0;
  if (allowed) return [program, ...args, ...command];
  throw new UserError(
    'PostgreSQL refuses to run as root, and this system allows no user namespaces (unshare --user). Start Orchestrator as an ordinary user, or set DATABASE_URL to a PostgreSQL that exists.',
    { code: 'POSTGRES_AS_ROOT' },
  );
}

/** Whether this system allows user namespaces; asked once. */
let allowed: boolean | undefined;
