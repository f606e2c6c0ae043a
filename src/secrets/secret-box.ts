import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { UserError, ValidationError, type Issue } from '../domain/errors';
import type { Json, JsonObject } from '../domain/model/json';
import type { KeyRing } from './key-ring';

/** What is answered in the place of a secret; sent back, it keeps the stored one. */
export const secretMask = '********';

const prefix = 'enc:v1:';
const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/** To what a secret is bound: it cannot be opened anywhere else. */
export interface SecretOwner {
  readonly componentId: string;
  /** Id of the saved configuration, or of the task that has it inline. */
  readonly ownerId: string;
}

/** Encrypts the values under keys that begin with `#`, anywhere in a configuration, and opens them again. */
export interface SecretBox {
  /** Encrypts every secret in clear text. What is encrypted already stays. */
  seal(owner: SecretOwner, configuration: JsonObject): JsonObject;
  /** @throws UserError when the key is gone, or the secret belongs to another owner. */
  reveal(owner: SecretOwner, configuration: JsonObject): JsonObject;
}

export function createSecretBox(keys: KeyRing): SecretBox {
  return {
    seal: (owner, configuration) =>
      mapSecrets(configuration, (value) => (isSealed(value) ? value : encrypt(keys, owner, value))),
    reveal: (owner, configuration) =>
      mapSecrets(configuration, (value) => (isSealed(value) ? decrypt(keys, owner, value) : value)),
  };
}

/** Replaces every secret by the mask. */
export function maskSecrets(configuration: JsonObject): JsonObject {
  return mapSecrets(configuration, () => secretMask);
}

/**
 * Puts the stored secret wherever the mask was sent back.
 *
 * @throws ValidationError naming each mask that has no stored secret.
 */
export function keepStoredSecrets(next: JsonObject, stored: JsonObject): JsonObject {
  const issues: Issue[] = [];
  const merged = mapSecrets(next, (value, path) => {
    if (value !== secretMask) return value;
    const kept = path.reduce<Json | undefined>((at, key) => stepInto(at, key), stored);
    if (kept !== undefined) return kept;
    issues.push({
      path: path.join('.'),
      message: 'There is no stored secret to keep; send the secret itself.',
    });
    return value;
  });
  if (issues.length > 0) throw new ValidationError('A masked secret was sent that is not stored.', issues);
  return merged;
}

/** All secret texts of a revealed configuration. */
export function listSecrets(revealed: JsonObject): readonly string[] {
  const secrets: string[] = [];
  mapSecrets(revealed, (value) => {
    collectTexts(value, secrets);
    return value;
  });
  return secrets;
}

function collectTexts(value: Json, into: string[]): void {
  if (typeof value === 'string') into.push(value);
  else if (value !== null && typeof value === 'object')
    for (const item of Object.values(value)) collectTexts(item, into);
}

function stepInto(at: Json | undefined, key: string): Json | undefined {
  if (at === null || at === undefined || typeof at !== 'object' || !Object.hasOwn(at, key)) return undefined;
  return (at as JsonObject)[key];
}

function isSealed(value: Json): value is string {
  return typeof value === 'string' && value.startsWith(prefix);
}

function mapSecrets(
  configuration: JsonObject,
  map: (value: Json, path: readonly string[]) => Json,
): JsonObject {
  return mapValue(configuration, [], map) as JsonObject;
}

function mapValue(
  value: Json,
  path: readonly string[],
  map: (value: Json, path: readonly string[]) => Json,
): Json {
  if (Array.isArray(value)) return value.map((item, index) => mapValue(item, [...path, String(index)], map));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const here = [...path, key];
      return [key, key.startsWith('#') && item !== null ? map(item, here) : mapValue(item, here, map)];
    }),
  );
}

function encrypt(keys: KeyRing, owner: SecretOwner, value: Json): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(algorithm, keys.writing.key, iv).setAAD(bindingOf(owner));
  const text = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
  const sealed = Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url');
  return `${prefix}${keys.writing.id}:${sealed}`;
}

function decrypt(keys: KeyRing, owner: SecretOwner, sealed: string): Json {
  const [id = '', encoded = ''] = sealed.slice(prefix.length).split(':');
  const key = keys.find(id);
  if (key === undefined) {
    throw new UserError(
      `A secret was encrypted with key "${id}", which is not in SECRETS_KEYS. Add the key, or enter the secret again.`,
      { code: 'SECRET_KEY_MISSING' },
    );
  }
  try {
    const bytes = Buffer.from(encoded, 'base64url');
    const decipher = createDecipheriv(algorithm, key.key, bytes.subarray(0, ivBytes))
      .setAAD(bindingOf(owner))
      .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
    const text = Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]);
    return JSON.parse(text.toString('utf8')) as Json;
  } catch (cause) {
    throw new UserError(
      'A secret cannot be opened: it was made for another configuration, or damaged. Enter it again.',
      {
        code: 'SECRET_UNREADABLE',
        cause,
      },
    );
  }
}

function bindingOf({ componentId, ownerId }: SecretOwner): Buffer {
  return Buffer.from(`${componentId}\n${ownerId}`);
}
