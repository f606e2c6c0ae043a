import type { z } from 'zod';
import type { Endpoint, Success } from './contracts/endpoint';
import { problemSchema } from './contracts/problem';
import { basePath } from './bind';
import { NamedSchemas } from './named-schemas';

type Json = Record<string, unknown>;

const problemStatuses: Readonly<Record<string, string>> = {
  '400': 'Malformed',
  '401': 'No token, or one that is not known',
  '403': 'Not allowed',
  '404': 'Not found',
  '409': 'Not possible in the present state',
  '412': 'Somebody else wrote first',
  '413': 'Too large',
  '415': 'The body is of another type than this one takes',
  '422': 'Understood but wrong',
  '428': 'If-Match is missing',
  '503': 'PostgreSQL or Temporal is away',
};

/** The OpenAPI 3.1 document of these endpoints. */
export function describeApi(endpoints: readonly Endpoint[]): Json {
  const schemas = new NamedSchemas();
  const paths: Record<string, Json> = {};
  for (const endpoint of endpoints) {
    paths[endpoint.path] = {
      ...paths[endpoint.path],
      [endpoint.method]: describeEndpoint(endpoint, schemas),
    };
  }
  schemas.describe(problemSchema, 'output');
  return {
    openapi: '3.1.0',
    info: {
      title: 'Orchestrator',
      version: '1',
      description: 'Data pipelines on Temporal: orchestrations, runs, tables.',
    },
    servers: [{ url: basePath }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: schemas.all(),
    },
  };
}

function describeEndpoint(endpoint: Endpoint, schemas: NamedSchemas): Json {
  return {
    operationId: endpoint.name,
    summary: endpoint.summary,
    tags: [endpoint.tag],
    ...(endpoint.permission === 'none' ? { security: [] } : { 'x-permission': endpoint.permission }),
    parameters: [
      ...parametersOf(endpoint.params, 'path', schemas),
      ...parametersOf(endpoint.query, 'query', schemas),
      ...(endpoint.ifMatch ? [header('If-Match', true, 'The ETag of the version that you have seen')] : []),
      ...(endpoint.idempotent
        ? [header('Idempotency-Key', false, 'A repeat with the same key starts nothing twice')]
        : []),
    ],
    ...bodyOf(endpoint, schemas),
    responses: { [endpoint.success.status]: answerOf(endpoint.success, schemas), ...problemsOf(endpoint) },
  };
}

function bodyOf({ body }: Endpoint, schemas: NamedSchemas): Json {
  if (body === null) return {};
  const text = { schema: { type: 'string' } };
  const content =
    body === 'upload'
      ? {
          'text/csv': text,
          'multipart/form-data': {
            schema: { type: 'object', properties: { file: { type: 'string', format: 'binary' } } },
          },
        }
      : { 'application/json': { schema: schemas.describe(body, 'input') } };
  // A body of which nothing is needed may be left out.
  const required = body === 'upload' || !body.safeParse({}).success;
  return { requestBody: { required, content } };
}

function answerOf(success: Success, schemas: NamedSchemas): Json {
  switch (success.kind) {
    case 'json':
      return {
        description: 'Done',
        content: { 'application/json': { schema: schemas.describe(success.schema, 'output') } },
      };
    case 'empty':
      return { description: 'Done' };
    case 'stream': {
      const content = success.mediaTypes.map((type) => [type, { schema: { type: 'string' } }] as const);
      return { description: 'Done', content: Object.fromEntries(content) };
    }
  }
}

function problemsOf(endpoint: Endpoint): Json {
  const possible = Object.entries(problemStatuses).filter(([status]) => {
    if (status === '412' || status === '428') return endpoint.ifMatch;
    if (status === '413' || status === '415') return endpoint.body !== null;
    if (status === '401' || status === '403') return endpoint.permission !== 'none';
    return true;
  });
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return Object.fromEntries(possible.map(([status, description]) => [status, { description, content }]));
}

function parametersOf(schema: z.ZodType, place: 'path' | 'query', schemas: NamedSchemas): Json[] {
  const { properties = {}, required = [] } = schemas.describe(schema, 'input') as {
    properties?: Json;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

function header(name: string, required: boolean, description: string): Json {
  return { name, in: 'header', required, description, schema: { type: 'string' } };
}
