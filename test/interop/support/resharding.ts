import {
  DescribeStreamSummaryCommand,
  KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  type Shard,
  SplitShardCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';

/**
 * Splits and merges the shards of a stream; each resolves, when the stream is ACTIVE again, with the shards that it
 * closed.
 */
export class Resharding implements Disposable {
  readonly #client: KinesisClient;
  readonly #stream: { readonly StreamName: string };

  constructor(endpoint: string, stream: string, accessKeyId: string) {
    const credentials = { accessKeyId, secretAccessKey: 'secret' };
    this.#client = new KinesisClient({ endpoint, region: 'us-east-1', credentials });
    this.#stream = { StreamName: stream };
  }

  /** @param number of the open ones, by hash key */
  split(number: number): Promise<string[]> {
    return this.#change(async (open) => {
      const { ShardId, HashKeyRange } = open[number]!;
      const middle = (BigInt(HashKeyRange!.StartingHashKey!) + BigInt(HashKeyRange!.EndingHashKey!)) / 2n;
      const half = { ShardToSplit: ShardId, NewStartingHashKey: String(middle) };
      await this.#client.send(new SplitShardCommand({ ...this.#stream, ...half }));
    });
  }

  /** @param number of the lower one of the open ones, by hash key */
  merge(number: number): Promise<string[]> {
    return this.#change(async (open) => {
      const both = { ShardToMerge: open[number]!.ShardId, AdjacentShardToMerge: open[number + 1]!.ShardId };
      await this.#client.send(new MergeShardsCommand({ ...this.#stream, ...both }));
    });
  }

  scale(count: number): Promise<string[]> {
    return this.#change(async () => {
      const target = { TargetShardCount: count, ScalingType: 'UNIFORM_SCALING' } as const;
      await this.#client.send(new UpdateShardCountCommand({ ...this.#stream, ...target }));
    });
  }

  async shards(): Promise<Shard[]> {
    return (await this.#client.send(new ListShardsCommand(this.#stream))).Shards ?? [];
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }

  async #change(act: (open: readonly Shard[]) => Promise<void>): Promise<string[]> {
    const before = (await this.shards()).filter(isClosed).map(({ ShardId }) => ShardId);
    await act((await this.shards()).filter((shard) => !isClosed(shard)).sort(byHashKey));
    await this.#untilActive();
    const closed = (await this.shards()).filter(isClosed).map(({ ShardId = '' }) => ShardId);
    return closed.filter((id) => !before.includes(id));
  }

  async #untilActive(): Promise<void> {
    for (;;) {
      const summary = await this.#client.send(new DescribeStreamSummaryCommand(this.#stream));
      if (summary.StreamDescriptionSummary?.StreamStatus === 'ACTIVE') return;
    }
  }
}

export function isClosed({ SequenceNumberRange }: Shard): boolean {
  return SequenceNumberRange?.EndingSequenceNumber !== undefined;
}

function byHashKey(a: Shard, b: Shard): number {
  return BigInt(a.HashKeyRange!.StartingHashKey!) < BigInt(b.HashKeyRange!.StartingHashKey!) ? -1 : 1;
}
