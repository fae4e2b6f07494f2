import assert from 'node:assert/strict';
import {
  DeregisterStreamConsumerCommand,
  ListStreamConsumersCommand,
  MergeShardsCommand,
  PutRecordsCommand,
  ResourceInUseException,
  SplitShardCommand,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis';
import { until } from './checks.js';
import { create, FIRST_SHARD, register, untilActive } from './streams.js';

const KEYS = Array.from({ length: 30 }, (_, number) => `key-${number}`);
const ROUNDS = 20;

/** Yields the events of a shard to its end, over as many subscriptions as it takes. */
async function* eventsOf(client, ConsumerARN, ShardId, signal) {
  let StartingPosition = { Type: 'TRIM_HORIZON' };
  while (!signal?.aborted) {
    const asked = { ConsumerARN, ShardId, StartingPosition };
    const { EventStream } = await client.send(new SubscribeToShardCommand(asked), { abortSignal: signal });
    for await (const { SubscribeToShardEvent: event } of EventStream) {
      yield event;
      if (event.ChildShards?.length > 0) return;
      StartingPosition = { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: event.ContinuationSequenceNumber };
    }
  }
}

/** Puts a record of each key, its number as data; throttled ones again before it resolves. */
async function putRound(client, StreamName, number) {
  let left = KEYS.map((PartitionKey) => ({ PartitionKey, Data: Buffer.from(String(number)) }));
  while (left.length > 0) {
    const { Records } = await client.send(new PutRecordsCommand({ StreamName, Records: left }));
    left = left.filter((_, index) => Records[index].ErrorCode !== undefined);
  }
}

/** Puts rounds before, during and after a split and a merge. */
async function reshardUnderLoad(client, StreamName) {
  let number = 0;
  const putRounds = async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await putRound(client, StreamName, number);
      number += 1;
    }
  };
  await putRounds();
  const split = { StreamName, ShardToSplit: 'shardId-000000000000', NewStartingHashKey: String(2n ** 126n) };
  await Promise.all([putRounds(), client.send(new SplitShardCommand(split))]);
  await untilActive(client, StreamName);
  const ShardToMerge = 'shardId-000000000003';
  const merge = { StreamName, ShardToMerge, AdjacentShardToMerge: 'shardId-000000000001' };
  await Promise.all([putRounds(), client.send(new MergeShardsCommand(merge))]);
}

/** Follows shards from parents to children; each child waits for all its parents. */
async function follow(client, consumer, shards, numbersByKey, isDone) {
  const ended = new Set();
  const started = new Set();
  const abort = new AbortController();
  const readShard = async (shard) => {
    if (started.has(shard)) return;
    started.add(shard);
    for await (const event of eventsOf(client, consumer, shard, abort.signal)) {
      for (const { PartitionKey, Data } of event.Records)
        numbersByKey.get(PartitionKey).push(Number(Buffer.from(Data).toString()));
      if (isDone()) abort.abort();
      if (!event.ChildShards?.length) continue;
      assert.equal(event.ContinuationSequenceNumber, undefined);
      ended.add(shard);
      const ready = event.ChildShards.filter(({ ParentShards }) => ParentShards.every((parent) => ended.has(parent)));
      await Promise.all(ready.map(({ ShardId }) => readShard(ShardId)));
    }
  };
  await Promise.all(shards.map(readShard)).catch((error) => {
    if (!abort.signal.aborted) throw error;
  });
  return ended;
}

export const SUBSCRIPTION_CHECKS = {
  'lists consumers and lets them go': async (client) => {
    const StreamARN = await create(client, 'consumed');
    const ConsumerARN = await register(client, StreamARN, 'reader');
    const list = async () => (await client.send(new ListStreamConsumersCommand({ StreamARN }))).Consumers;
    assert.deepEqual(
      (await list()).map((consumer) => consumer.ConsumerARN),
      [ConsumerARN],
    );
    await client.send(new DeregisterStreamConsumerCommand({ ConsumerARN }));
    await until(async () => (await list()).length === 0, 'the consumer is gone');
  },

  'refuses a second subscription at once': async (client) => {
    const consumer = await register(client, await create(client, 'contended'), 'reader');
    const asked = { ConsumerARN: consumer, ShardId: FIRST_SHARD, StartingPosition: { Type: 'LATEST' } };
    const { EventStream, $metadata } = await client.send(new SubscribeToShardCommand(asked));
    assert.ok($metadata.requestId);
    await assert.rejects(client.send(new SubscribeToShardCommand(asked)), ResourceInUseException);
    const events = EventStream[Symbol.asyncIterator]();
    const { value } = await events.next();
    assert.deepEqual(value.SubscribeToShardEvent.Records, []);
    assert.equal(value.SubscribeToShardEvent.MillisBehindLatest, 0);
    await events.return();
  },

  'follows a split and a merge under load, each record once and in order': async (client) => {
    const StreamName = 'followed';
    const consumer = await register(client, await create(client, StreamName, 2), 'reader');
    const numbersByKey = new Map(KEYS.map((key) => [key, []]));
    const countAll = () => [...numbersByKey.values()].reduce((sum, numbers) => sum + numbers.length, 0);
    const shards = ['shardId-000000000000', 'shardId-000000000001'];
    const isDone = () => countAll() === KEYS.length * ROUNDS * 3;

    const [ended] = await Promise.all([
      follow(client, consumer, shards, numbersByKey, isDone),
      reshardUnderLoad(client, StreamName),
    ]);
    const expected = Array.from({ length: ROUNDS * 3 }, (_, index) => index);
    for (const [key, numbers] of numbersByKey) assert.deepEqual(numbers, expected, key);
    assert.deepEqual([...ended].sort(), ['shardId-000000000000', 'shardId-000000000001', 'shardId-000000000003']);
  },
};
