export { runOrchestration } from './run-orchestration';
export { runTaskChunk } from './run-task-chunk';
