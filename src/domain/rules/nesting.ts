/** How many orchestrations may be nested below one another. */
export const deepestNesting = 5;

/** Which orchestrations run which others as tasks, by id. */
export type NestingGraph = ReadonlyMap<string, readonly string[]>;

/** A chain of orchestrations, each of which runs the next. */
export interface NestingProblem {
  readonly kind: 'cycle' | 'tooDeep';
  readonly chain: readonly string[];
}

/**
 * What is wrong with the nesting that starts at an orchestration: it comes back to itself, or goes deeper than
 * `deepestNesting`. `null` when it is fine.
 */
export function findNestingProblem(graph: NestingGraph, from: string): NestingProblem | null {
  return follow(graph, [from], new Map());
}

/** The same for every chain that an orchestration is part of: those that lead to it, too. */
export function findNestingProblemAround(graph: NestingGraph, id: string): NestingProblem | null {
  for (const start of leadingTo(graph, id)) {
    const problem = findNestingProblem(graph, start);
    if (problem?.chain.includes(id) === true) return problem;
  }
  return null;
}

/** @param fine how deep in a chain an orchestration stood when everything below it was found fine. */
function follow(
  graph: NestingGraph,
  chain: readonly string[],
  fine: Map<string, number>,
): NestingProblem | null {
  const last = chain.at(-1) ?? '';
  const depth = chain.length - 1;
  if (chain.indexOf(last) < depth) return { kind: 'cycle', chain };
  if (depth > deepestNesting) return { kind: 'tooDeep', chain };
  if (depth <= (fine.get(last) ?? -1)) return null;
  for (const next of new Set(graph.get(last))) {
    const problem = follow(graph, [...chain, next], fine);
    if (problem !== null) return problem;
  }
  fine.set(last, depth);
  return null;
}

/** The orchestration itself and all that run it, directly or through others. */
function leadingTo(graph: NestingGraph, id: string): ReadonlySet<string> {
  const found = new Set([id]);
  for (let before = 0; before < found.size;) {
    before = found.size;
    for (const [runner, nested] of graph) if (nested.some((each) => found.has(each))) found.add(runner);
  }
  return found;
}
