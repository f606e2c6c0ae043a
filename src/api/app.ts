import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type RequestHandler, Router } from 'express';
import helmet from 'helmet';
import type { Logger } from '../logger';
import type { Services } from '../services/services';
import { basePath, type Binding, type BindingTools } from './bind';
import { bindComponents, bindOrchestrations } from './handlers/definitions';
import { bindActions } from './handlers/actions';
import { bindLimits } from './handlers/limits';
import { bindRuns } from './handlers/runs';
import { bindTables } from './handlers/tables';
import type { Metrics } from './metrics';
import { describeApi } from './openapi';
import { HttpError, sendProblem } from './problems';

export interface AppDependencies extends BindingTools {
  readonly services: Services;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** The whole HTTP interface. */
export function createApp(dependencies: AppDependencies): Express {
  const { services, metrics, logger } = dependencies;
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set('etag', false);
  app.use(protect, identify, logRequests(logger), metrics.observe);
  mountSystem(app, services, metrics);
  const bindings = bindAll(services);
  app.use(basePath, toRouter(bindings, dependencies));
  app.use((request) => {
    throw new HttpError(
      404,
      'NOT_FOUND',
      `There is nothing at ${request.method} ${request.path.slice(0, 200)}.`,
    );
  });
  app.use(answerErrors(logger));
  return app;
}

/** Every endpoint with its handler. */
export function bindAll(services: Services): readonly Binding[] {
  return [
    ...bindComponents(services),
    ...bindOrchestrations(services),
    ...bindRuns(services),
    ...bindActions(services),
    ...bindTables(services),
    ...bindLimits(services),
  ];
}

function toRouter(bindings: readonly Binding[], tools: BindingTools): Router {
  const router = Router();
  const document = describeApi(bindings.map((binding) => binding.endpoint));
  router.get('/openapi.json', (_, response) => {
    response.json(document);
  });
  for (const binding of bindings) binding.mount(router, tools);
  refuseOtherMethods(router, bindings);
  return router;
}

/** A path that exists, asked with a method that it does not have, answers 405 and says which it has. */
function refuseOtherMethods(router: Router, bindings: readonly Binding[]): void {
  for (const path of new Set(bindings.map(({ endpoint }) => endpoint.path))) {
    const methods = bindings
      .filter(({ endpoint }) => endpoint.path === path)
      .map(({ endpoint }) => endpoint.method.toUpperCase());
    router.all(path.replaceAll(/\{(\w+)\}/g, ':$1'), (request) => {
      throw new HttpError(
        405,
        'METHOD_NOT_ALLOWED',
        `${request.method} is not possible here; ${methods.join(', ')} is.`,
        {
          Allow: methods.join(', '),
        },
      );
    });
  }
}

function mountSystem(app: Express, services: Services, metrics: Metrics): void {
  app.get('/health/live', (_, response) => {
    response.json({ live: true });
  });
  app.get('/health/ready', async (_, response) => {
    const health = await services.health.check();
    response.status(health.ready ? 200 : 503).json(health);
  });
  app.get('/metrics', async (_, response) => {
    const text = await metrics.registry.metrics();
    response.type(metrics.registry.contentType).send(text);
  });
}

/** Without TLS of its own, the product leaves it to the proxy in front whether plain HTTP is good enough. */
const protect: RequestHandler = helmet({
  contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
});

/** Gives each request an id, which answers and logs carry. */
const identify: RequestHandler = (_, response, next) => {
  const requestId = `req_${randomUUID()}`;
  response.locals.requestId = requestId;
  response.set('X-Request-Id', requestId);
  next();
};

function requestIdOf(locals: Record<string, unknown>): string {
  return String(locals.requestId);
}

/** A signed link is as good as a token until it is used. */
const signedLink = /(\/actions\/).+/;

function logRequests(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    const { method, path } = request;
    response.on('close', () => {
      const durationMs = Math.round(performance.now() - startedAt);
      // The path without its query: a query may hold what nobody meant to log.
      const about = {
        requestId: requestIdOf(response.locals),
        method,
        path: path.replace(signedLink, '$1…'),
        status: response.statusCode,
        durationMs,
      };
      logger.info(about, 'request');
    });
    next();
  };
}

function answerErrors(logger: Logger): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error, _request, response, _next) => {
    sendProblem(response, error, requestIdOf(response.locals as Record<string, unknown>), logger);
  };
}
