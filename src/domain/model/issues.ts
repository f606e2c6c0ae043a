import type { z } from 'zod';
import type { Issue } from '../errors';

/** What zod found wrong, with dotted paths and in words for people. Keys that are not known are named one by one. */
export function toIssues(error: z.ZodError): readonly Issue[] {
  return error.issues.flatMap((issue): Issue[] => {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'This key is not known.' }));
    }
    return [{ path: path.join('.'), message: inWords(issue.message) }];
  });
}

function inWords(message: string): string {
  const [, expected, received] = /^Invalid input: expected (.+), received (.+)$/.exec(message) ?? [];
  if (expected === undefined) return message;
  return received === 'undefined'
    ? `Missing; expected ${expected}`
    : `Expected ${expected}, found ${received ?? ''}`;
}
