import {
  type ChildShard,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  type Shard,
  SplitShardCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { expect, test } from 'vitest';
import { clientOf, emulatorFor } from './support.js';

const S = { StreamName: 's' } as const;
const KEYS = 40;

/** A record as the producer numbers it: the n-th of its key. */
interface Seen {
  readonly key: string;
  readonly n: number;
  readonly sequenceNumber: bigint;
}

/** Reads a stream as the KCL does: a shard after its parents, its children from what GetRecords says at its end. */
class Follower {
  readonly seen: Seen[] = [];
  readonly #client: KinesisClient;
  readonly #isOver: () => boolean;
  readonly #ended = new Set<string>();
  readonly #begun = new Set<string>();

  /** @param isOver whether nothing more will be written: then the follower ends once it has caught up */
  constructor(client: KinesisClient, isOver: () => boolean) {
    this.#client = client;
    this.#isOver = isOver;
  }

  async follow(): Promise<void> {
    const filter = { ...S, ShardFilter: { Type: 'AT_TRIM_HORIZON' } } as const;
    const { Shards = [] } = await this.#client.send(new ListShardsCommand(filter));
    await Promise.all(Shards.map(({ ShardId }) => this.#read(ShardId!)));
  }

  async #read(shardId: string): Promise<void> {
    this.#begun.add(shardId);
    const place = { ...S, ShardId: shardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    let next = (await this.#client.send(new GetShardIteratorCommand(place))).ShardIterator;
    let children: readonly ChildShard[] | undefined;
    while (next !== undefined) {
      const isOver = this.#isOver();
      const answer = await this.#client.send(new GetRecordsCommand({ ShardIterator: next, Limit: 50 }));
      for (const { PartitionKey, Data, SequenceNumber } of answer.Records ?? []) {
        const n = Number(Buffer.from(Data!).toString());
        this.seen.push({ key: PartitionKey!, n, sequenceNumber: BigInt(SequenceNumber!) });
      }
      next = answer.NextShardIterator;
      children = answer.ChildShards;
      // One of the two, never both: clients rely on it.
      expect(children === undefined).toBe(next !== undefined);
      if (isOver && next !== undefined && answer.MillisBehindLatest === 0) return;
    }
    this.#ended.add(shardId);
    await Promise.all((children ?? []).map((child) => this.#readChild(child)));
  }

  /** After a merge the child comes twice: its second parent starts it. */
  async #readChild({ ShardId: id = '', ParentShards = [] }: ChildShard): Promise<void> {
    if (this.#begun.has(id) || !ParentShards.every((parent) => this.#ended.has(parent))) return;
    await this.#read(id);
  }
}

/** Writes until it is told to stop, each key's records in order. */
async function produce(client: KinesisClient, isOver: () => boolean): Promise<number[]> {
  const counts = new Array<number>(KEYS).fill(0);
  for (let round = 0; !isOver() || round < 40; round++) {
    if (round % 4 === 0) {
      const record = { PartitionKey: `key-${round % KEYS}`, Data: Buffer.from(String(counts[round % KEYS]!++)) };
      await client.send(new PutRecordCommand({ ...S, ...record }));
    }
    const Records = counts.map((n, key) => ({ PartitionKey: `key-${key}`, Data: Buffer.from(String(n)) }));
    for (let key = 0; key < KEYS; key++) counts[key]!++;
    const { FailedRecordCount } = await client.send(new PutRecordsCommand({ ...S, Records }));
    expect(FailedRecordCount).toBe(0);
  }
  return counts;
}

async function openShards(client: KinesisClient): Promise<Shard[]> {
  const { Shards = [] } = await client.send(new ListShardsCommand({ ...S, ShardFilter: { Type: 'AT_LATEST' } }));
  const start = ({ HashKeyRange }: Shard) => BigInt(HashKeyRange!.StartingHashKey!);
  return Shards.sort((a, b) => (start(a) < start(b) ? -1 : 1));
}

async function whenActive(client: KinesisClient): Promise<void> {
  for (;;) {
    const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand(S));
    if (StreamDescriptionSummary?.StreamStatus === 'ACTIVE') return;
  }
}

async function reshard(client: KinesisClient): Promise<void> {
  const scale = async (TargetShardCount: number) => {
    await client.send(new UpdateShardCountCommand({ ...S, TargetShardCount, ScalingType: 'UNIFORM_SCALING' }));
    await whenActive(client);
  };
  for (let i = 0; i < 3; i++) {
    const { ShardId, HashKeyRange } = (await openShards(client))[i % 2]!;
    const middle = (BigInt(HashKeyRange!.StartingHashKey!) + BigInt(HashKeyRange!.EndingHashKey!)) / 2n;
    await client.send(new SplitShardCommand({ ...S, ShardToSplit: ShardId, NewStartingHashKey: String(middle) }));
    await whenActive(client);
    await scale(5);
    const [low, high] = (await openShards(client)).slice(i);
    const both = { ShardToMerge: low!.ShardId!, AdjacentShardToMerge: high!.ShardId! };
    await client.send(new MergeShardsCommand({ ...S, ...both }));
    await whenActive(client);
    await scale(2);
  }
}

test('a reader that follows ChildShards sees every record once, and each key’s records in order', async () => {
  const emulator = await emulatorFor({ limits: false, updateDelayMs: 15, streams: [{ name: 's', shards: 2 }] });
  let isResharded = false;
  let isOver = false;
  const follower = new Follower(clientOf(emulator), () => isOver);
  const produceAll = async () => {
    const counts = await produce(clientOf(emulator), () => isResharded);
    isOver = true;
    return counts;
  };
  const reshardAll = async () => {
    await reshard(clientOf(emulator));
    isResharded = true;
  };
  const [counts] = await Promise.all([produceAll(), reshardAll(), follower.follow()]);
  for (const [key, count] of counts.entries()) {
    const seen = follower.seen.filter((record) => record.key === `key-${key}`);
    expect(seen.map(({ n }) => n)).toEqual(Array.from({ length: count }, (_, n) => n));
    expect(seen.every(({ sequenceNumber }, i) => i === 0 || sequenceNumber > seen[i - 1]!.sequenceNumber)).toBe(true);
  }
});
