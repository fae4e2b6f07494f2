import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';

const SUMMARY = '{"StreamDescriptionSummary":{"StreamName":"s","StreamStatus":"ACTIVE","OpenShardCount":1}}';
const RESULT = { SequenceNumber: '49590338271490256608559692538361571095921575989136588898', ShardId: 'shardId-0' };

/** A server that accepts PutRecords in JSON, keeps no records, and knows which ones it got. */
export interface PutSink extends AsyncDisposable {
  /** The options of a run to it, and the variables that the run needs. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** The records so far, in whatever order they came: how many, and the sum and the XOR of their checksums. */
  readonly received: { readonly count: number; readonly sum: number; readonly xor: number };
}

export async function startPutSink(): Promise<PutSink> {
  const received = { count: 0, sum: 0, xor: 0 };
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    if (!String(request.headers['x-amz-target']).endsWith('.PutRecords')) return response.end(SUMMARY);
    const { Records } = JSON.parse(body.toString()) as { Records: { Data: string; PartitionKey: string }[] };
    for (const { Data, PartitionKey } of Records) {
      const sum = crc32(`${PartitionKey} ${Data}`);
      received.count++;
      received.sum += sum;
      received.xor ^= sum;
    }
    response.end(JSON.stringify({ FailedRecordCount: 0, Records: Records.map(() => RESULT) }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    args: ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', `http://127.0.0.1:${port}`, '--wire', 'json'],
    env: { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' },
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
