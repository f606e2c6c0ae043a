import type { Json, JsonObject } from '../model/json';

/** `{{parameters.name}}`, blanks inside the braces allowed. */
const placeholder = /\{\{\s*parameters\.([A-Za-z_][A-Za-z0-9_.-]{0,99})\s*\}\}/g;

/** The names of all parameters that any string of a value uses, sorted, each once. */
export function findParameterNames(value: Json): readonly string[] {
  const names = new Set<string>();
  visitStrings(value, (text) => {
    for (const match of text.matchAll(placeholder)) names.add(match[1] ?? '');
  });
  return [...names].sort();
}

/**
 * Puts values in the place of `{{parameters.name}}`. A string that is nothing but one placeholder becomes the
 * value as it is; inside a longer string its text is put in. A name without a value stays as it was written.
 */
export function resolveParameters<T extends Json>(value: T, parameters: JsonObject): T {
  return mapStrings(value, (text) => {
    const whole = new RegExp(`^${placeholder.source}$`).exec(text)?.[1];
    if (whole !== undefined && Object.hasOwn(parameters, whole)) return parameters[whole] ?? null;
    return text.replaceAll(placeholder, (written, name: string) =>
      Object.hasOwn(parameters, name) ? toText(parameters[name] ?? null) : written,
    );
  }) as T;
}

function toText(value: Json): string {
  if (typeof value === 'string') return value;
  return value === null ? '' : JSON.stringify(value);
}

function visitStrings(value: Json, visit: (text: string) => void): void {
  mapStrings(value, (text) => {
    visit(text);
    return text;
  });
}

function mapStrings(value: Json, map: (text: string) => Json): Json {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, map));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item, map)]));
}
