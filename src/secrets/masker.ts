import { secretMask } from './secret-box';

/** A shorter secret would mask innocent words, and is no secret. */
const shortestSecret = 4;

/**
 * Makes a function that takes secrets out of a text, also where they are written as JSON, as part of a URL,
 * in base64 (as in an `authorization` header), or line by line.
 */
export function createMasker(secrets: readonly string[]): (text: string) => string {
  const forms = new Set(secrets.filter((secret) => secret.length >= shortestSecret).flatMap(formsOf));
  if (forms.size === 0) return (text) => text;
  // The longest first: a form may hold another one.
  const pattern = [...forms].sort((one, other) => other.length - one.length).map(escapePattern);
  const secret = new RegExp(pattern.join('|'), 'g');
  return (text) => text.replace(secret, secretMask);
}

function formsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).filter((line) => line.trim().length >= 16);
  const encoded = [
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(Buffer.from(secret).toString()),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
  ];
  return [secret, ...encoded, ...(lines.length > 1 ? lines : [])];
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
