import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { JsonObject } from '../../domain/model/json';
import { examplesFolder } from './examples-folder';

const databaseName = 'sample_crm';
const readerName = 'sample_crm_reader';

/**
 * Makes the sample CRM beside the product's own database, with a user who can only read it, and answers how a
 * component connects to it. A half-made one is made again.
 */
export async function makeSampleDatabase(databaseUrl: string): Promise<JsonObject> {
  const password = randomBytes(18).toString('base64url');
  await connected(databaseUrl, async (client) => {
    await client.query(`drop database if exists ${databaseName} with (force)`);
    await client.query(`drop role if exists ${readerName}`);
    await client.query(`create database ${databaseName}`);
    await client.query(`create role ${readerName} login password ${escapeLiteral(password)}`);
  });
  const url = new URL(databaseUrl);
  url.pathname = `/${databaseName}`;
  const script = await readFile(join(examplesFolder, 'sample-crm.sql'), 'utf8');
  await connected(url.href, async (client) => {
    await client.query(script);
    await client.query(`grant select on all tables in schema public to ${escapeIdentifier(readerName)}`);
  });
  return {
    host: url.hostname,
    port: Number(url.port || 5432),
    database: databaseName,
    user: readerName,
    '#password': password,
  };
}

async function connected(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
