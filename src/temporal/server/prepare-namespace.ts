import { type Connection, ServiceError, isGrpcServiceError } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { UserError } from '../../domain/errors';
import { searchAttributeNames } from '../names';

const DAY_SECONDS = 86_400;

/** How long Temporal keeps histories of ended runs; the product's own record has no end. */
const retentionDays = 90;

/** Temporal's number for search attributes of the type Keyword. */
const keywordType = 2;
/** gRPC's ALREADY_EXISTS, and the refusals of a managed cloud that lets only its own console do this. */
const alreadyExists = 6;
/** gRPC's NOT_FOUND: there is no such namespace. */
const notFound = 5;
const refusedCodes = new Set([7, 12]);

/**
 * Gives a namespace what the product needs: the search attributes, and a retention of 90 days where it is shorter.
 * Flags of the development server are ignored for a database file that exists, so it is done from here. Idempotent.
 *
 * @param onRefused is told what an administrator has to do by hand, where the server refuses.
 * @throws UserError when there is no such namespace.
 */
export async function prepareNamespace(
  connection: Connection,
  namespace: string,
  onRefused: (sentence: string) => void,
): Promise<void> {
  const found = await describeNamespace(connection, namespace);
  await refusable(
    `Register the search attributes ${Object.values(searchAttributeNames).join(', ')} (Keyword)`,
    onRefused,
    () => addSearchAttributes(connection, namespace),
  );
  await refusable(`Set the retention of namespace ${namespace} to ${retentionDays} days`, onRefused, () =>
    raiseRetention(connection, namespace, Number(found.config?.workflowExecutionRetentionTtl?.seconds ?? 0)),
  );
}

async function describeNamespace(connection: Connection, namespace: string) {
  try {
    return await connection.workflowService.describeNamespace({ namespace });
  } catch (cause) {
    if (codeOf(cause) !== notFound) throw cause;
    throw new UserError(
      `Temporal has no namespace "${namespace}". Create it (temporal operator namespace create --namespace ${namespace}), or set TEMPORAL_NAMESPACE to one that exists.`,
      { code: 'TEMPORAL_NO_NAMESPACE', cause },
    );
  }
}

async function addSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(searchAttributeNames).filter((name) => !(name in customAttributes));
  if (missing.length === 0) return;
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, keywordType])),
    });
  } catch (error) {
    if (codeOf(error) !== alreadyExists) throw error;
  }
}

async function raiseRetention(
  connection: Connection,
  namespace: string,
  foundSeconds: number,
): Promise<void> {
  if (foundSeconds >= retentionDays * DAY_SECONDS) return;
  await connection.workflowService.updateNamespace({
    namespace,
    config: { workflowExecutionRetentionTtl: msToTs(retentionDays * DAY_SECONDS * 1_000) },
  });
}

async function refusable(
  what: string,
  onRefused: (sentence: string) => void,
  call: () => Promise<void>,
): Promise<void> {
  try {
    await call();
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined || !refusedCodes.has(code)) throw error;
    onRefused(`${what} by hand: the server does not let this program do it.`);
  }
}

function codeOf(error: unknown): number | undefined {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}
