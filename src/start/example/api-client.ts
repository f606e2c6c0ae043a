/** The product's own HTTP interface, as any outside program would use it. */
export interface ApiClient {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
  delete(path: string): Promise<void>;
  putText(path: string, mediaType: string, text: string): Promise<void>;
  /** The events of a run, until its end. */
  events(path: string): AsyncIterable<{ readonly event: string; readonly data: string }>;
}

/** @param baseUrl without a slash at the end. */
export function createApiClient(baseUrl: string, token: string): ApiClient {
  const call = async (method: string, path: string, body?: string, mediaType = 'application/json') => {
    const response = await fetch(`${baseUrl}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': mediaType }),
      },
      ...(body === undefined ? {} : { body }),
    });
    if (!response.ok)
      throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response;
  };
  return {
    get: async <T>(path: string) => (await (await call('GET', path)).json()) as T,
    post: async <T>(path: string, body: unknown) =>
      (await (await call('POST', path, JSON.stringify(body))).json()) as T,
    put: async <T>(path: string, body: unknown) =>
      (await (await call('PUT', path, JSON.stringify(body))).json()) as T,
    async delete(path) {
      await call('DELETE', path);
    },
    async putText(path, mediaType, text) {
      await call('PUT', path, text, mediaType);
    },
    async *events(path) {
      const response = await call('GET', path);
      let rest = '';
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) {
        rest += decoder.decode(chunk as Uint8Array, { stream: true });
        const blocks = rest.split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) yield parseEvent(block);
      }
    },
  };
}

function parseEvent(block: string): { event: string; data: string } {
  const fields = new Map(
    block.split('\n').map((line) => [line.split(':')[0] ?? '', line.slice(line.indexOf(':') + 2)]),
  );
  return { event: fields.get('event') ?? 'comment', data: fields.get('data') ?? '' };
}
