import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCodeOf } from '../domain/errors';

/**
 * Reads a file that only its owner can read, or makes it with what `make` answers. Several processes may do so at
 * once: one of them makes it, whole, and all of them read the same.
 */
export async function openPrivateFile(path: string, make: () => string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${randomUUID()}`;
  await writeFile(beside, make(), { mode: 0o600 });
  try {
    await link(beside, path);
  } catch (error) {
    if (errorCodeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(beside);
  }
  return readFile(path, 'utf8');
}
