import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

type JsonSchema = Record<string, unknown>;

const placeInZod = '#/$defs/';
const placeInDocument = '#/components/schemas/';

/**
 * The schemas of an OpenAPI document that have a name (`meta({ id })`), each described once. Where what is written and
 * what is read of one thing differ, e.g. by defaults, the written form's name ends in `Input`.
 */
export class NamedSchemas {
  readonly #schemas = new Map<string, JsonSchema>();

  /** A schema with references to the named ones. */
  describe(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const { $defs, ...root } = toJsonSchema(schema, io);
    const renamed = io === 'input' ? namesThatDiffer($defs, toJsonSchema(schema, 'output').$defs) : new Set();
    const nameOf = (name: string) => (renamed.has(name) ? `${name}Input` : name);
    for (const [name, content] of Object.entries($defs)) {
      this.#schemas.set(nameOf(name), refer(content, nameOf));
    }
    return refer(root, nameOf);
  }

  /** By name, in the order of the names. */
  all(): Record<string, JsonSchema> {
    return Object.fromEntries([...this.#schemas].sort(([one], [other]) => (one < other ? -1 : 1)));
  }
}

function toJsonSchema(schema: z.ZodType, io: 'input' | 'output') {
  const options = { io, unrepresentable: 'any', target: 'draft-2020-12' } as const;
  const { $schema: _, $defs = {}, ...root } = z.toJSONSchema(schema, options);
  return { ...root, $defs: $defs as Record<string, JsonSchema> };
}

/** Names whose two forms differ, or that refer to one of those. */
function namesThatDiffer(
  written: Record<string, JsonSchema>,
  read: Record<string, JsonSchema>,
): ReadonlySet<string> {
  const names = Object.keys(written);
  const differ = new Set(names.filter((name) => !isDeepStrictEqual(written[name], read[name])));
  for (let before = -1; before < differ.size;) {
    before = differ.size;
    for (const name of names) {
      if (referencesOf(written[name] ?? {}).some((reference) => differ.has(reference))) differ.add(name);
    }
  }
  return differ;
}

function referencesOf(schema: JsonSchema): readonly string[] {
  const found: string[] = [];
  refer(schema, (name) => {
    found.push(name);
    return name;
  });
  return found;
}

/** Lets references within zod's answer point into the document. */
function refer(schema: JsonSchema, nameOf: (name: string) => string): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    key === '$ref' && typeof value === 'string'
      ? `${placeInDocument}${nameOf(value.replace(placeInZod, ''))}`
      : value,
  ) as JsonSchema;
}
