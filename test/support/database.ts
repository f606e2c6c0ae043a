import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { openDatabase, type Db } from '../../src/store/database';
import { serviceVariables } from './services';

export interface TestDatabase {
  readonly url: string;
  readonly db: Db;
  /** Closes `db` and removes the database; fails the test when somebody else is still connected. */
  drop(): Promise<void>;
}

/** A database of the test's own, with the product's schema and no rows. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const template = new URL(process.env[serviceVariables.postgresUrl] ?? '');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await asAdministrator(template, `create database ${name} template ${template.pathname.slice(1)}`);
  const url = new URL(template);
  url.pathname = `/${name}`;
  const db = openDatabase(url.href);
  return {
    url: url.href,
    db,
    async drop() {
      await db.destroy();
      await asAdministrator(template, `drop database ${name}`);
    },
  };
}

async function asAdministrator(template: URL, statement: string): Promise<void> {
  const url = new URL(template);
  url.pathname = '/postgres';
  const client = new Client({ connectionString: url.href });
  await client.connect();
  try {
    // Two files may clone the template at the same time; PostgreSQL lets only one copy it at once.
    await client.query('select pg_advisory_lock(1)');
    await client.query(statement);
  } finally {
    await client.end();
  }
}
