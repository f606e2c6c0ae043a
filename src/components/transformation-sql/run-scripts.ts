import { UserError } from '../../domain/errors';
import type { TaskContext, Workspace } from '../context';
import type { SqlConfiguration } from './configuration';
import { splitStatements, type Statement } from './split-statements';

interface Script {
  readonly block: string;
  readonly name: string;
  readonly sql: string;
}

interface Place {
  readonly script: Script;
  readonly statement: Statement;
  readonly number: number;
  readonly total: number;
}

const longestExcerpt = 300;

/**
 * Runs the statements of all scripts, one by one.
 *
 * @throws UserError naming block, script, statement and line, with the database's own sentence and an excerpt.
 */
export async function runScripts(
  workspace: Workspace,
  blocks: SqlConfiguration['blocks'],
  context: TaskContext,
): Promise<void> {
  const scripts = blocks
    .filter((block) => block.enabled)
    .flatMap((block) => block.scripts.map(({ name, sql }) => ({ block: block.name, name, sql })));
  const places: Place[] = [];
  for (const script of scripts) places.push(...(await splitChecked(workspace, script)));
  for (const [index, place] of places.entries()) {
    context.signal.throwIfAborted();
    context.reportProgress({ done: index, total: places.length, unit: 'statements' });
    await runStatement(workspace, place, context);
  }
}

/** Cuts a script, and asks the database whether it counts as many statements. */
async function splitChecked(workspace: Workspace, script: Script): Promise<Place[]> {
  const statements = splitStatements(script.sql);
  const counted = await workspace.countStatements(script.sql).catch((error: unknown) => {
    throw error instanceof UserError
      ? located(`Block "${script.block}", script "${script.name}"`, error)
      : error;
  });
  if (counted !== statements.length) {
    throw new UserError(
      `Block "${script.block}", script "${script.name}": found ${statements.length} statements where the database counts ${counted}. Look for a quote or a comment that is not closed.`,
      { code: 'SQL_NOT_SPLIT' },
    );
  }
  return statements.map((statement, index) => ({
    script,
    statement,
    number: index + 1,
    total: statements.length,
  }));
}

async function runStatement(workspace: Workspace, place: Place, { log }: TaskContext): Promise<void> {
  const { script, statement, number, total } = place;
  const name = `${script.block} / ${script.name} ${number}/${total}`;
  log.info(`${name}: ${excerpt(statement.sql)}`);
  const startedAt = Date.now();
  try {
    const { rowsChanged } = await workspace.execute(statement.sql);
    log.info(`${name}: ${Date.now() - startedAt} ms${rowsChanged > 0 ? `, ${rowsChanged} rows` : ''}`);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const where = `Block "${script.block}", script "${script.name}", statement ${number} of ${total} (line ${statement.line})`;
    throw located(where, error, excerpt(statement.sql));
  }
}

function located(where: string, cause: UserError, sql?: string): UserError {
  const message = `${where}: ${cause.message}${sql === undefined ? '' : `\nIn: ${sql}`}`;
  return new UserError(message, { code: 'SQL_ERROR', cause });
}

function excerpt(sql: string): string {
  const line = sql.replace(/\s+/g, ' ');
  return line.length > longestExcerpt ? `${line.slice(0, longestExcerpt)}…` : line;
}
