import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import { sdkClient } from '../support/sdk-client.js';

/**
 * The usual sample script: one PutRecord at a time, each awaited. Arguments: endpoint, stream, size of a record, and
 * duration in seconds. Prints the records/s.
 */

const WARM_UP_RECORDS = 500;
const KEYS = 10_000;

const [endpoint = '', stream = '', bytes = '', seconds = ''] = process.argv.slice(2);
const client = sdkClient(endpoint);
const data = Buffer.alloc(Number(bytes), 'x');

function put(n: number) {
  return client.send(new PutRecordCommand({ StreamName: stream, Data: data, PartitionKey: `key-${n % KEYS}` }));
}

for (let n = 0; n < WARM_UP_RECORDS; n++) await put(n);
const startMs = performance.now();
const endMs = startMs + Number(seconds) * 1000;
let sent = 0;
while (performance.now() < endMs) await put(sent++);
process.stdout.write(`${(sent * 1000) / (performance.now() - startMs)}\n`);
client.destroy();
