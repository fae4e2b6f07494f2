import type { GetRecordsCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
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

/** A call whose request shows what the requests of its operation have in common. */
export interface SampleCall {
  readonly command: () => PutRecordsCommand | GetRecordsCommand;
  /** Replaces the SDK's, which is that of JSON. */
  readonly contentType: string;
}

/**
 * Returns the signed request that the SDK would send over this connection, with the SDK's endpoint and
 * headers. The client's last middleware keeps the request instead of sending it. Middleware is a documented feature of
 * the SDK, so nothing here relies on its internals. The SDK writes JSON; the content type is replaced before it signs.
 */
export async function sdkRequest(
  connection: KinesisConnection,
  identity: Identity,
  { command: commandOf, contentType }: SampleCall,
): Promise<SdkRequest> {
  const client = createKinesisClient({ ...connection, credentials: identity }, 1);
  const command = commandOf() as PutRecordsCommand;
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
