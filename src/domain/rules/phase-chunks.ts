/** Most tasks of a run that are in flight at the same time. */
export const maxTasksInFlight = 500;

/**
 * Most tasks that one workflow execution schedules. A larger phase is cut into child workflows: replaying costs
 * about 4 ms per workflow task, and a history may hold 51,200 events, about 6 for each task.
 */
export const maxTasksPerWorkflow = 1_000;

const tasksPerChunk = 500;
const chunksAtOnce = 5;

/** A part of a large phase: tasks `offset` to `offset + size - 1`, at most `window` of them in flight. */
export interface Chunk {
  readonly offset: number;
  readonly size: number;
}

export interface ChunkPlan {
  readonly chunks: readonly Chunk[];
  /** Chunks that run at the same time. */
  readonly parallelChunks: number;
  /** Tasks in flight in each of them; `parallelChunks * window` is never more than the limit. */
  readonly window: number;
}

/** Cuts a phase of `size` tasks so that never more than `maxParallelTasks` (at most 500) are in flight. */
export function planChunks(size: number, maxParallelTasks: number | null): ChunkPlan {
  const limit = Math.min(maxParallelTasks ?? maxTasksInFlight, maxTasksInFlight);
  const parallelChunks = Math.min(chunksAtOnce, limit);
  const chunks = Array.from({ length: Math.ceil(size / tasksPerChunk) }, (_, index) => ({
    offset: index * tasksPerChunk,
    size: Math.min(tasksPerChunk, size - index * tasksPerChunk),
  }));
  return { chunks, parallelChunks, window: Math.floor(limit / parallelChunks) };
}
