import type { RequestHandler } from 'express';
import { Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { countRunsByStatus } from '../store/runs/count-runs';
import type { Db } from '../store/database';
import { runStatuses } from '../domain/model/run';

/** The numbers of one server process, in Prometheus' text form. */
export interface Metrics {
  readonly registry: Registry;
  /** Times requests by method, route and status. */
  readonly observe: RequestHandler;
}

export function createMetrics(db: Db): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'orchestrator_http_request_duration_seconds',
    help: 'Duration of HTTP requests',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.5, 1, 5],
    registers: [registry],
  });
  new Gauge({
    name: 'orchestrator_runs',
    help: 'Runs that have not ended, and those that ended in the last 24 hours, by status',
    labelNames: ['status'],
    registers: [registry],
    async collect() {
      const counts = await countRunsByStatus(db);
      for (const status of runStatuses) this.set({ status }, counts.get(status) ?? 0);
    },
  });
  return {
    registry,
    observe(request, response, next) {
      const end = durations.startTimer();
      response.on('finish', () => {
        // The pattern, not the path: ids would make a time series each.
        const route = (request.route as { path?: string } | undefined)?.path ?? 'unknown';
        end({ method: request.method, route, status: response.statusCode });
      });
      next();
    },
  };
}
