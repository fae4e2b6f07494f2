import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/**
 * The usual sample script: one PutRecord at a time, each awaited. Arguments: endpoint, stream, size of a record, and
 * duration in seconds. Prints `N records/s`.
 */

const WARM_UP_RECORDS = 500;
const KEYS = 10_000;

const [endpoint = '', stream = '', bytes = '', seconds = ''] = process.argv.slice(2);
const client = new KinesisClient({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
  // HTTP/1.1 with keep-alive: the SDK's own handler for Kinesis opens an HTTP/2 session for every call.
  requestHandler: new NodeHttpHandler({ httpAgent: { keepAlive: true, maxSockets: 1 } }),
});
const data = Buffer.alloc(Number(bytes), 'x');

/** @param {number} n */
function put(n) {
  return client.send(new PutRecordCommand({ StreamName: stream, Data: data, PartitionKey: `key-${n % KEYS}` }));
}

for (let n = 0; n < WARM_UP_RECORDS; n++) await put(n);
const startMs = performance.now();
const endMs = startMs + Number(seconds) * 1000;
let sent = 0;
while (performance.now() < endMs) await put(sent++);
process.stdout.write(`${((sent * 1000) / (performance.now() - startMs)).toFixed(1)} records/s\n`);
client.destroy();
