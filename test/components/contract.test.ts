import { components } from '../../src/components/registry';

describe.each(components.map((component) => [component.summary.id, component] as const))(
  'component %s',
  (id, component) => {
    it('has an id in kebab case, a name, and a description that begins with a sentence', () => {
      expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(component.summary.name).not.toBe('');
      expect(component.summary.description).toMatch(/^[A-Z][^.]+\./);
    });

    it('has examples, and each of them fits its configuration', () => {
      expect(component.examples.length).toBeGreaterThan(0);
      for (const example of component.examples)
        expect(component.findIssues(example.configuration)).toEqual([]);
    });

    it('describes its configuration as JSON Schema that allows no unknown keys', () => {
      expect(component.summary.configurationSchema).toMatchObject({
        type: 'object',
        additionalProperties: false,
      });
    });

    it('refuses a key that it does not know, and nothing at all', () => {
      const [example] = component.examples;
      const surplus = { ...(example?.configuration as object), surprise: 1 };
      expect(component.findIssues(surplus)).not.toEqual([]);
      expect(component.findIssues(undefined)).not.toEqual([]);
    });

    it('keeps what sounds like a secret under a key with #', () => {
      const keys =
        JSON.stringify(component.summary.configurationSchema).match(
          /"[^"]*(password|secret|token)[^"]*":/gi,
        ) ?? [];
      for (const key of keys) expect(key).toMatch(/^"#/);
    });
  },
);

it('every component has an id of its own', () => {
  const ids = components.map((component) => component.summary.id);
  expect(new Set(ids).size).toBe(ids.length);
});
