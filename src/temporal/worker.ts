import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { TemporalConfig } from '../config';
import { connectionOptions } from './connect';

export interface RunWorkerOptions {
  readonly config: TemporalConfig;
  /** Absolute path of the bundle that `npm run build` makes of src/workflows. */
  readonly workflowBundlePath: string;
  readonly activities: object;
  /** Activities that run at the same time. */
  readonly slots: number;
}

/** A worker, connected and ready to be run. */
export interface ProductWorker {
  /** Works until it is told to stop, then lets running activities end within the grace period. */
  run(): Promise<void>;
  stop(): void;
}

/**
 * Settings by measurement: a run whose worker died is taken over after the sticky queue's wait, which is ten
 * seconds by default. Without a grace period every deployment would interrupt running tasks.
 */
const settings = {
  stickyQueueScheduleToStartTimeout: '1s',
  shutdownGraceTime: '5s',
  shutdownForceTime: '30s',
  maxHeartbeatThrottleInterval: '4s',
  defaultHeartbeatThrottleInterval: '4s',
  // A run that is not cached is replayed from its history: some milliseconds against megabytes.
  maxCachedWorkflows: 100,
} as const satisfies Partial<WorkerOptions>;

/** Connects a worker for workflows and activities of the product. @throws when Temporal does not answer. */
export async function createWorker(options: RunWorkerOptions): Promise<ProductWorker> {
  const connection = await NativeConnection.connect(connectionOptions(options.config));
  const worker = await Worker.create({
    ...settings,
    connection,
    namespace: options.config.namespace,
    taskQueue: options.config.taskQueue,
    workflowBundle: { codePath: options.workflowBundlePath },
    activities: options.activities,
    maxConcurrentActivityTaskExecutions: options.slots,
  });
  return {
    async run() {
      try {
        await worker.run();
      } finally {
        await connection.close();
      }
    },
    stop() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
    },
  };
}
