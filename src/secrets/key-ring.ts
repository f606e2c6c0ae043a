import { createHash, randomBytes } from 'node:crypto';
import { UserError } from '../domain/errors';
import { openPrivateFile } from './private-file';

const keyBytes = 32;

/** Keys by id. The first one encrypts, all of them decrypt. */
export interface KeyRing {
  readonly writing: SecretKey;
  readonly find: (id: string) => SecretKey | undefined;
}

export interface SecretKey {
  readonly id: string;
  readonly key: Buffer;
}

/** Reads `id:base64` pairs, separated by commas or lines. @throws UserError that never repeats a key. */
export function parseKeyRing(text: string): KeyRing {
  const keys = text
    .split(/[,\n]/)
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map(parseKey);
  const [writing] = keys;
  if (writing === undefined) throw badKeys('there is no key in it');
  return { writing, find: (id) => keys.find((key) => key.id === id) };
}

function parseKey(pair: string, index: number): SecretKey {
  const [id = '', encoded = ''] = pair.split(':');
  const key = Buffer.from(encoded, 'base64');
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(id))
    throw badKeys(`entry ${index + 1} has no id of letters, digits, "_" or "-"`);
  if (key.length !== keyBytes) throw badKeys(`entry ${index + 1} has ${key.length} bytes`);
  return { id, key };
}

function badKeys(found: string): UserError {
  return new UserError(
    `The secret keys cannot be used: ${found}. Expected "id:key" pairs, separated by commas, each key 32 bytes in base64.`,
    { code: 'BAD_SECRETS_KEYS' },
  );
}

/** Opens the key file of an installation, or makes it, readable by its owner only. Two processes may do it at once. */
export async function openKeyFile(path: string): Promise<KeyRing> {
  const text = await openPrivateFile(path, () => {
    const key = randomBytes(keyBytes);
    const id = createHash('sha256').update(key).digest('hex').slice(0, 8);
    return `${id}:${key.toString('base64')}\n`;
  });
  return parseKeyRing(text);
}
