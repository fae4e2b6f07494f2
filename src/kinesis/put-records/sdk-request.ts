import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { createKinesisClient, type Identity, type KinesisConnection } from '../client/client.js';

/** A request as the SDK passes it to its HTTP handler. */
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
 * Returns the signed PutRecords request that the SDK would send over this connection, with the SDK's endpoint and
 * headers. The client's last middleware keeps the request instead of sending it. Middleware is a documented feature of
 * the SDK, so nothing here relies on its internals. The SDK writes JSON; the content type is replaced before it signs.
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
