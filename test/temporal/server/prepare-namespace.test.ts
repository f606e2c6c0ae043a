import { Connection } from '@temporalio/client';
import { prepareNamespace } from '../../../src/temporal/server/prepare-namespace';
import { testTemporal } from '../../support/temporal';

let connection: Connection;
beforeAll(async () => {
  connection = await Connection.connect({ address: testTemporal().address });
});
afterAll(() => connection.close());

describe('a namespace that is prepared', () => {
  it('can be searched by orchestration, status and starter, and keeps histories for 90 days', async () => {
    const refused: string[] = [];
    const { namespace } = testTemporal();
    await prepareNamespace(connection, namespace, (sentence) => refused.push(sentence));
    // Once more: nothing changes, nothing fails.
    await prepareNamespace(connection, namespace, (sentence) => refused.push(sentence));
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const keyword = 2;
    expect(customAttributes).toMatchObject({
      OrchestrationId: keyword,
      OrchestrationName: keyword,
      RunStatus: keyword,
      StartedBy: keyword,
    });
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(90 * 86_400);
    expect(refused).toEqual([]);
  });

  it('has to exist', async () => {
    await expect(prepareNamespace(connection, 'nowhere', () => undefined)).rejects.toThrow(
      'Temporal has no namespace "nowhere". Create it (temporal operator namespace create --namespace nowhere), or set TEMPORAL_NAMESPACE to one that exists.',
    );
  });
});
