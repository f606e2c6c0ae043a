import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import type { TemporalConfig } from '../config';

/**
 * How to reach Temporal: Temporal's own variables and profiles (TLS, API key), with the product's address.
 * The same options fit clients and workers.
 */
export function connectionOptions(config: TemporalConfig): NativeConnectionOptions {
  const { connectionOptions: standard } = loadClientConnectConfig();
  return { ...standard, address: config.address ?? `127.0.0.1:${config.port}` };
}

/** A client that connects at its first call, so that the server can start while Temporal is away. */
export function openClient(config: TemporalConfig): Client {
  const connection = Connection.lazy(connectionOptions(config));
  return new Client({ connection, namespace: config.namespace });
}
