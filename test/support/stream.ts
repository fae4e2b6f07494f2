import { createHash } from 'node:crypto';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  type Shard,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** A record as a consumer receives it. */
export interface StoredRecord {
  readonly shardId: string;
  readonly key: string;
  readonly data: Buffer;
  readonly arrivedAtMs: number;
}

export function clientOf(endpoint: string): KinesisClient {
  return new KinesisClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: new NodeHttpHandler(),
    // A stream with limits allows only a few reads a second.
    maxAttempts: 20,
  });
}

/** Reads all records of a stream with GetRecords, shard by shard, in order. */
export async function readStream(endpoint: string, stream: string): Promise<StoredRecord[]> {
  const client = clientOf(endpoint);
  const records: StoredRecord[] = [];
  for (const { ShardId: shardId = '' } of await shardsOf(client, stream)) {
    const first = await client.send(
      new GetShardIteratorCommand({ StreamName: stream, ShardId: shardId, ShardIteratorType: 'TRIM_HORIZON' }),
    );
    let iterator = first.ShardIterator;
    while (iterator !== undefined) {
      const page = await client.send(new GetRecordsCommand({ ShardIterator: iterator }));
      for (const record of page.Records ?? []) {
        const arrivedAtMs = record.ApproximateArrivalTimestamp?.getTime() ?? 0;
        records.push({ shardId, key: record.PartitionKey ?? '', data: Buffer.from(record.Data ?? []), arrivedAtMs });
      }
      iterator = page.Records?.length === 0 && page.MillisBehindLatest === 0 ? undefined : page.NextShardIterator;
    }
  }
  client.destroy();
  return records;
}

/** Returns a function that finds the shard of a key by the service's rule, the MD5 hash. */
export async function shardRule(endpoint: string, stream: string): Promise<(key: string) => string> {
  const client = clientOf(endpoint);
  const shards = await shardsOf(client, stream);
  client.destroy();
  return (key) => {
    const hash = BigInt(`0x${createHash('md5').update(key).digest('hex')}`);
    const shard = shards.find(
      ({ HashKeyRange: range }) =>
        BigInt(range?.StartingHashKey ?? -1) <= hash && hash <= BigInt(range?.EndingHashKey ?? -1),
    );
    return shard?.ShardId ?? 'none';
  };
}

async function shardsOf(client: KinesisClient, stream: string): Promise<Shard[]> {
  const { Shards: shards = [] } = await client.send(new ListShardsCommand({ StreamName: stream }));
  return shards;
}
