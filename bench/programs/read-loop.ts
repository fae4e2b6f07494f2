import { GetRecordsCommand, GetShardIteratorCommand, ListShardsCommand } from '@aws-sdk/client-kinesis';
import { formatKloadRecord } from '#dist/src/core/kload-record.js';
import { sdkClient } from '../support/sdk-client.js';

/** Reads a stream with the SDK, all shards at once, and makes kload's lines of its records. Prints how many. */

const [endpoint = '', stream = ''] = process.argv.slice(2);
const client = sdkClient(endpoint);
const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: stream }));
const counts = await Promise.all(Shards.map(({ ShardId = '' }) => readShard(ShardId)));
process.stdout.write(`${counts.reduce((sum, count) => sum + count, 0)}\n`);
client.destroy();

async function readShard(shardId: string): Promise<number> {
  const start = { StreamName: stream, ShardId: shardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
  let { ShardIterator: iterator } = await client.send(new GetShardIteratorCommand(start));
  let count = 0;
  let characters = 0;
  while (iterator !== undefined) {
    const page = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: 10_000 }));
    for (const { PartitionKey: key = '', Data = new Uint8Array(), ...record } of page.Records ?? []) {
      const { SequenceNumber: sequenceNumber, ApproximateArrivalTimestamp } = record;
      const recordedAtMs = ApproximateArrivalTimestamp?.getTime() ?? Number.NaN;
      characters += formatKloadRecord({ key, data: Data, recordedAtMs, shardId, sequenceNumber }).length;
      count++;
    }
    if (page.MillisBehindLatest === 0) break;
    iterator = page.NextShardIterator;
  }
  return characters > 0 ? count : 0;
}
