import {
  type _Record,
  type ChildShard,
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  type Shard,
  SplitShardCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { expect } from 'vitest';
import type { EmulatorOptions } from '../../src/emulator/index.js';

/** The stream that is read, written and resharded, and the emulator that holds it. */
export const S = { StreamName: 's' } as const;
export const RESHARDED: EmulatorOptions = {
  limits: false,
  updateDelayMs: 15,
  streams: [{ name: S.StreamName, shards: 2 }],
};
const KEYS = 40;
/** The key of the last record of each shard that is open at the end. */
const LAST = 'last';

interface Seen {
  readonly key: string;
  /** The record's number among those of its key, from 0 on. */
  readonly n: number;
  readonly sequenceNumber: bigint;
}

/**
 * Reads a shard from its start and passes all records to `take`, until that returns true for the stream's last ones.
 * @returns the children reported at the end of the shard; undefined if `take` returned true
 */
export type ReadShard = (
  shardId: string,
  take: (records: readonly _Record[]) => boolean,
) => Promise<readonly ChildShard[] | undefined>;

/** Reads a stream as the KCL does: each shard after its parents, and then the children reported at its end. */
class Follower {
  readonly seen: Seen[] = [];
  readonly #client: KinesisClient;
  readonly #readShard: ReadShard;
  readonly #ended = new Set<string>();
  readonly #begun = new Set<string>();

  constructor(client: KinesisClient, readShard: ReadShard) {
    this.#client = client;
    this.#readShard = readShard;
  }

  async follow(): Promise<void> {
    const filter = { ...S, ShardFilter: { Type: 'AT_TRIM_HORIZON' } } as const;
    const { Shards = [] } = await this.#client.send(new ListShardsCommand(filter));
    await Promise.all(Shards.map(({ ShardId }) => this.#read(ShardId!)));
  }

  async #read(shardId: string): Promise<void> {
    this.#begun.add(shardId);
    const children = await this.#readShard(shardId, (records) => this.#take(records));
    if (children === undefined) return;
    this.#ended.add(shardId);
    await Promise.all(children.map((child) => this.#readChild(child)));
  }

  #take(records: readonly _Record[]): boolean {
    for (const { PartitionKey, Data, SequenceNumber } of records) {
      const n = Number(Buffer.from(Data!).toString());
      this.seen.push({ key: PartitionKey!, n, sequenceNumber: BigInt(SequenceNumber!) });
    }
    return records.at(-1)?.PartitionKey === LAST;
  }

  /** A merged shard is reported by both parents; the one that ends last starts it. */
  async #readChild({ ShardId: id = '', ParentShards = [] }: ChildShard): Promise<void> {
    if (this.#begun.has(id) || !ParentShards.every((parent) => this.#ended.has(parent))) return;
    await this.#read(id);
  }
}

/** Follows the stream while it is written to and resharded. Each record must be seen once, and each key's in order. */
export async function followWhileResharding(client: KinesisClient, readShard: ReadShard): Promise<void> {
  let isResharded = false;
  const follower = new Follower(client, readShard);
  const reshardAll = async () => {
    await reshard(client);
    isResharded = true;
  };
  const [counts] = await Promise.all([produce(client, () => isResharded), reshardAll(), follower.follow()]);
  for (const [key, count] of counts.entries()) {
    const seen = follower.seen.filter((record) => record.key === `key-${key}`);
    expect(seen.map(({ n }) => n)).toEqual(Array.from({ length: count }, (_, n) => n));
    expect(seen.every(({ sequenceNumber }, i) => i === 0 || sequenceNumber > seen[i - 1]!.sequenceNumber)).toBe(true);
  }
}

/** Writes until `isOver` returns true, each key's records in order, and then a last record to each open shard. */
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
  for (const { HashKeyRange } of await openShards(client)) {
    const last = { PartitionKey: LAST, ExplicitHashKey: HashKeyRange!.StartingHashKey, Data: Buffer.from('0') };
    await client.send(new PutRecordCommand({ ...S, ...last }));
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
