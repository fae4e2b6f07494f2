import {
  type ChildShard,
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ListShardsCommand,
  RegisterStreamConsumerCommand,
  type StartingPosition,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis';
import { expect, test } from 'vitest';
import type { EmulatorOptions } from '../../src/emulator/index.js';
import { followWhileResharding, RESHARDED, type ReadShard, S } from './resharding.js';
import { emulatorFor, http2ClientOf } from './support.js';

/** Reads through a consumer's subscriptions. If one ends before its shard does, the next one continues from there. */
class FanOut {
  subscriptions = 0;
  readonly #client: KinesisClient;
  readonly #consumerArn: string;

  private constructor(client: KinesisClient, consumerArn: string) {
    this.#client = client;
    this.#consumerArn = consumerArn;
  }

  static async register(client: KinesisClient): Promise<FanOut> {
    const { StreamDescriptionSummary: stream } = await client.send(new DescribeStreamSummaryCommand(S));
    const asked = { StreamARN: stream?.StreamARN, ConsumerName: 'follower' };
    const { Consumer } = await client.send(new RegisterStreamConsumerCommand(asked));
    return new FanOut(client, Consumer!.ConsumerARN!);
  }

  readonly readShard: ReadShard = async (shardId, take) => {
    let from: StartingPosition = { Type: 'TRIM_HORIZON' };
    for (;;) {
      for await (const { Records, ContinuationSequenceNumber, ChildShards } of this.#events(shardId, from)) {
        // Clients rely on getting exactly one of the two.
        expect(ChildShards === undefined).toBe(ContinuationSequenceNumber !== undefined);
        if (take(Records ?? [])) return undefined;
        if (ChildShards !== undefined) return ChildShards as ChildShard[];
        from = { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: ContinuationSequenceNumber };
      }
    }
  };

  async *#events(ShardId: string, StartingPosition: StartingPosition) {
    this.subscriptions++;
    const command = new SubscribeToShardCommand({ ConsumerARN: this.#consumerArn, ShardId, StartingPosition });
    for await (const { SubscribeToShardEvent: event } of (await this.#client.send(command)).EventStream!) {
      if (event !== undefined) yield event;
    }
  }
}

async function followed(subscriptions?: EmulatorOptions['subscriptions']) {
  const emulator = await emulatorFor({ ...RESHARDED, ...(subscriptions && { subscriptions }) });
  const client = http2ClientOf(emulator);
  const fanOut = await FanOut.register(client);
  await followWhileResharding(client, fanOut.readShard);
  const { Shards = [] } = await client.send(new ListShardsCommand(S));
  return { subscriptions: fanOut.subscriptions, shards: Shards.length };
}

test('subscriptions that follow ChildShards see every record once, and each key’s records in order', async () => {
  const { subscriptions, shards } = await followed();
  expect(subscriptions).toBe(shards);
});

test('so do subscriptions that end after 10 ms, each continued from its continuation number', async () => {
  const { subscriptions, shards } = await followed({ lifeMs: 10, takeoverMs: 0 });
  expect(subscriptions).toBeGreaterThan(shards);
});
