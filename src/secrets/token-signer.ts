import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { KeyRing, SecretKey } from './key-ring';

/** Makes texts that nobody else can make: `payload.keyId.signature`, safe in a URL. The payload can be read by anybody. */
export interface TokenSigner {
  sign(payload: string): string;
  /** The payload; `null` when the token was not made here, or its key is gone. */
  verify(token: string): string | null;
}

/** @param purpose keeps tokens of different uses apart, though the keys are the same. */
export function createTokenSigner(keys: KeyRing, purpose: string): TokenSigner {
  const signatureOf = (payload: string, { key }: SecretKey) => {
    const derived = Buffer.from(hkdfSync('sha256', key, '', purpose, 32));
    return createHmac('sha256', derived).update(payload).digest();
  };
  return {
    sign(payload) {
      const signature = signatureOf(payload, keys.writing).toString('base64url');
      return `${Buffer.from(payload).toString('base64url')}.${keys.writing.id}.${signature}`;
    },
    verify(token) {
      const [encoded = '', keyId = '', signature = '', ...more] = token.split('.');
      const key = keys.find(keyId);
      if (key === undefined || more.length > 0) return null;
      const payload = Buffer.from(encoded, 'base64url').toString();
      const expected = signatureOf(payload, key);
      const given = Buffer.from(signature, 'base64url');
      return given.length === expected.length && timingSafeEqual(given, expected) ? payload : null;
    },
  };
}
