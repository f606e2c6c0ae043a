import { findNestingProblem, findNestingProblemAround } from '../../../src/domain/rules/nesting';

const graphOf = (edges: Record<string, string[]>) => new Map(Object.entries(edges));

describe('nesting', () => {
  it('is fine where orchestrations share what they run', () => {
    const graph = graphOf({ a: ['b', 'c'], b: ['d'], c: ['d'] });
    expect(findNestingProblem(graph, 'a')).toBeNull();
  });

  it('finds a circle, and says it as a chain', () => {
    const graph = graphOf({ a: ['b'], b: ['c'], c: ['b'] });
    expect(findNestingProblem(graph, 'a')).toEqual({ kind: 'cycle', chain: ['a', 'b', 'c', 'b'] });
  });

  it('may be five deep, and not six, also by a longer way to the same orchestration', () => {
    const chain = graphOf({ 1: ['2'], 2: ['3'], 3: ['4'], 4: ['5'], 5: ['6'], 6: [] });
    expect(findNestingProblem(chain, '1')).toBeNull();
    const longer = graphOf({ 0: ['3', '1'], 1: ['2'], 2: ['3'], 3: ['4'], 4: ['5'], 5: ['6'] });
    expect(findNestingProblem(longer, '0')?.kind).toBe('tooDeep');
  });

  it('is looked at upwards too, but blames an orchestration only for chains that it is in', () => {
    const graph = graphOf({ 0: ['1'], 1: ['2'], 2: ['3'], 3: ['4'], 4: ['5'], 5: ['6'], 6: [], x: ['x'] });
    expect(findNestingProblemAround(graph, '6')?.kind).toBe('tooDeep');
    expect(findNestingProblemAround(graph, 'y')).toBeNull();
  });

  it('of many orchestrations that all run each other downwards is looked at quickly', () => {
    const layers = Array.from({ length: 6 }, (_, layer) =>
      Array.from({ length: 200 }, (__, n) => `${layer}-${n}`),
    );
    const graph = new Map(
      layers.flatMap((ids, layer) => ids.map((id) => [id, layers[layer + 1] ?? []] as const)),
    );
    expect(findNestingProblem(graph, '0-0')).toBeNull();
  });
});
