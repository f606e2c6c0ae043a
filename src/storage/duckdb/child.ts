import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { DuckDbAnswer, DuckDbRequest, DuckDbRow } from './protocol';

/** A process that holds one DuckDB and does what its parent asks. It ends when its parent does. */

let connection: DuckDBConnection | undefined;

process.on('message', (request: DuckDbRequest) => {
  void answer(request);
});
process.on('disconnect', () => {
  process.exit(0);
});

async function answer(request: DuckDbRequest): Promise<void> {
  try {
    send({ id: request.id, ok: true, ...(await carryOut(request)) });
  } catch (error) {
    send({ id: request.id, ok: false, message: error instanceof Error ? error.message : String(error) });
  }
}

async function carryOut(
  request: DuckDbRequest,
): Promise<{ rows: readonly DuckDbRow[]; rowsChanged: number }> {
  switch (request.kind) {
    case 'open': {
      const instance = await DuckDBInstance.create(request.path, { ...request.settings });
      connection = await instance.connect();
      return { rows: [], rowsChanged: 0 };
    }
    case 'run': {
      const reader = await opened().runAndReadAll(request.sql);
      return { rows: reader.getRowObjectsJson(), rowsChanged: reader.rowsChanged };
    }
    case 'countStatements': {
      const statements = await opened().extractStatements(request.sql);
      return { rows: [], rowsChanged: statements.count };
    }
    case 'interrupt':
      connection?.interrupt();
      return { rows: [], rowsChanged: 0 };
  }
}

function opened(): DuckDBConnection {
  if (connection === undefined) throw new TypeError('The database was not opened.');
  return connection;
}

function send(message: DuckDbAnswer): void {
  process.send?.(message);
}
