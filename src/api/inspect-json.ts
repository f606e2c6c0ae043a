import { MalformedError } from '../domain/errors';

/** Deeper than any configuration; what is deeper is meant to exhaust a stack. */
const deepest = 64;
const loneSurrogate = /\p{Surrogate}/u;

/**
 * Refuses JSON that is well formed but dangerous: too deep, with texts that PostgreSQL cannot store, or with
 * keys that mean an object's prototype. Walks without recursion.
 */
export function inspectJson(body: unknown): void {
  const waiting: { value: unknown; path: string; depth: number }[] = [{ value: body, path: '', depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, path, depth } = next;
    if (typeof value === 'string') refuseUnstorable(value, path);
    if (value === null || typeof value !== 'object') continue;
    if (depth >= deepest) refuse(path, `Nested deeper than ${deepest} levels.`);
    for (const [key, item] of Object.entries(value)) {
      const place = path === '' ? key : `${path}.${key}`;
      refuseUnstorable(key, place);
      if (key === '__proto__') refuse(place, 'This key is not known.');
      waiting.push({ value: item, path: place, depth: depth + 1 });
    }
  }
}

function refuseUnstorable(text: string, path: string): void {
  if (text.includes('\u0000')) refuse(path, 'Texts cannot hold the character NUL.');
  // Half of a surrogate pair: no UTF-8 can hold it.
  if (loneSurrogate.test(text)) refuse(path, 'Texts cannot hold half of a character (a lone surrogate).');
}

function refuse(path: string, message: string): never {
  throw new MalformedError(`The body cannot be used: ${path.slice(0, 200)}: ${message}`, [
    { path: path.slice(0, 200), message },
  ]);
}
