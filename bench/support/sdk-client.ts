import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** The SDK's client of an emulator, which makes one attempt by default. */
export function sdkClient(endpoint: string, { requests = 1, attempts = 1 } = {}): KinesisClient {
  return new KinesisClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: attempts,
    // HTTP/1.1 with keep-alive: the SDK's own handler for Kinesis opens an HTTP/2 session for every call.
    requestHandler: new NodeHttpHandler({ httpAgent: { keepAlive: true, maxSockets: requests } }),
  });
}
