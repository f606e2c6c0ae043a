/** Values for `{{runId}}`, `{{taskId}}`, `{{attempt}}` and `{{jobId}}`. */
export type Placeholders = Readonly<Record<'runId' | 'taskId' | 'attempt' | 'jobId', string>>;

const pattern = /\{\{\s*(runId|taskId|attempt|jobId)\s*\}\}/g;

/** @param encode how a value is written in this place, e.g. as a part of a URL. */
export function fillPlaceholders(
  text: string,
  values: Placeholders,
  encode: (value: string) => string = String,
): string {
  return text.replaceAll(pattern, (_, name: keyof Placeholders) => encode(values[name]));
}

/** The value at a dotted path, e.g. `items.0.id`; `undefined` when there is none. */
export function valueAt(json: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, key)) return undefined;
    return (at as Record<string, unknown>)[key];
  }, json);
}
