import type { Component } from '../components/component';
import type { Issue } from '../domain/errors';
import type { Json } from '../domain/model/json';
import {
  deepestNesting,
  findNestingProblemAround,
  type NestingGraph,
  type NestingProblem,
} from '../domain/rules/nesting';
import type { Db } from '../store/database';
import { listNestings, readOrchestrationNames, type NestingEdge } from '../store/nesting';

/** A task that runs another orchestration. */
export interface NestingTask {
  /** Where the task is, for messages. */
  readonly path: string;
  readonly nestedId: string;
}

/** The orchestration that a configuration runs; `null` for other components, or when it does not fit. */
export function nestedIdOf(component: Component | undefined, configuration: Json | undefined): string | null {
  if (component?.execution.kind !== 'nested' || configuration === undefined) return null;
  if (component.findIssues(configuration).length > 0) return null;
  return component.execution.nestedIn(configuration).orchestrationId;
}

/**
 * What is wrong with the orchestrations that the tasks of one run: they do not exist, run each other in a circle, or
 * are nested too deep.
 *
 * @param id of the orchestration whose tasks they are.
 * @param find looks at what is below it, or also at everything that runs it.
 */
export async function findNestingIssues(
  db: Db,
  id: string,
  tasks: readonly NestingTask[],
  find: (graph: NestingGraph, id: string) => NestingProblem | null,
): Promise<readonly Issue[]> {
  if (tasks.length === 0) return [];
  const saved = await listNestings(db);
  const own = tasks.map(({ nestedId }) => ({ orchestrationId: id, configurationId: null, nestedId }));
  const edges = [...saved.filter((edge) => edge.orchestrationId !== id), ...own];
  const names = await readNames(db, edges);
  const missing = tasks
    .filter(({ nestedId }) => nestedId !== id && !names.has(nestedId))
    .map(({ path, nestedId }) => ({
      path,
      message: `There is no orchestration ${nestedId}, or it is in the trash.`,
    }));
  const problem = find(toGraph(edges), id);
  if (problem === null) return missing;
  const next = problem.chain[problem.chain.indexOf(id) + 1];
  const path = tasks.find(({ nestedId }) => nestedId === next)?.path ?? 'phases';
  return [...missing, { path, message: describe(problem, names) }];
}

/** What would be wrong if a saved configuration named another orchestration. */
export async function findNestingIssuesOfConfiguration(
  db: Db,
  configurationId: string,
  nestedId: string,
): Promise<readonly Issue[]> {
  const path = 'orchestrationId';
  const saved = await listNestings(db);
  const edges = saved.map((edge) =>
    edge.configurationId === configurationId ? { ...edge, nestedId } : edge,
  );
  const names = await readNames(db, [...edges, { orchestrationId: nestedId, configurationId, nestedId }]);
  if (!names.has(nestedId)) {
    return [{ path, message: `There is no orchestration ${nestedId}, or it is in the trash.` }];
  }
  const users = edges.filter((edge) => edge.configurationId === configurationId);
  const graph = toGraph(edges);
  const problems = users.flatMap((edge) => findNestingProblemAround(graph, edge.orchestrationId) ?? []);
  return problems.slice(0, 1).map((problem) => ({ path, message: describe(problem, names) }));
}

function readNames(db: Db, edges: readonly NestingEdge[]): Promise<ReadonlyMap<string, string>> {
  return readOrchestrationNames(
    db,
    edges.flatMap(({ orchestrationId, nestedId }) => [orchestrationId, nestedId]),
  );
}

function toGraph(edges: readonly NestingEdge[]): NestingGraph {
  const graph = new Map<string, string[]>();
  for (const { orchestrationId, nestedId } of edges) {
    const nested = graph.get(orchestrationId);
    if (nested === undefined) graph.set(orchestrationId, [nestedId]);
    else nested.push(nestedId);
  }
  return graph;
}

function describe({ kind, chain }: NestingProblem, names: ReadonlyMap<string, string>): string {
  const told = chain.map((id) => `"${names.get(id) ?? id}"`).join(' runs ');
  return kind === 'cycle'
    ? `Orchestrations would run each other in a circle: ${told}.`
    : `Orchestrations can be nested ${deepestNesting} deep; this is deeper: ${told}.`;
}
