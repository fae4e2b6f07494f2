import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { createKinesisClient, type Identity, type KinesisConnection } from '../client/client.js';

/** A request as the SDK hands it to its HTTP handler. */
export interface SdkRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Record<string, string | string[] | null>;
  readonly headers: Record<string, string>;
}

/**
 * What the SDK would send as PutRecords over this connection, signed: a client whose last step before the HTTP handler
 * takes the request instead of sending it. So region, endpoint rules and headers are the SDK's own, through nothing but
 * its documented middleware stack. The SDK writes JSON: what its body is called is replaced before it signs.
 */
export async function sdkPutRecords(
  connection: KinesisConnection,
  identity: Identity,
  contentType: string,
): Promise<SdkRequest> {
  const client = createKinesisClient({ ...connection, credentials: identity }, 1);
  const records = [{ Data: Buffer.from('d'), PartitionKey: 'k' }];
  const command = new PutRecordsCommand({ ...connection.stream, Records: records });
  let request: unknown;
  command.middlewareStack.add(
    (next) => (args) => {
      (args.request as SdkRequest).headers['content-type'] = contentType;
      return next(args);
    },
    { step: 'build', name: 'nameTheFormat' },
  );
  command.middlewareStack.add(
    () => async (args) => {
      request = args.request;
      return { response: undefined, output: { Records: [], $metadata: {} } };
    },
    { step: 'finalizeRequest', priority: 'low', name: 'takeTheRequest' },
  );
  await client.send(command);
  client.destroy();
  return request as SdkRequest;
}
