import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DeleteStreamCommand,
  DeregisterStreamConsumerCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  type StartingPosition,
  SubscribeToShardCommand,
  type SubscribeToShardEvent,
} from '@aws-sdk/client-kinesis';
import { describe, expect, test } from 'vitest';
import type { EmulatorOptions } from '../../src/emulator/index.js';
import { streamFolder, temporaryFolder } from './disk/support.js';
import { emulatorFor, http2ClientOf, TestClock } from './support.js';

const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
const SHARD = 'shardId-000000000000';
const NOT_FOUND = { name: 'ResourceNotFoundException' };
const INVALID = { name: 'InvalidArgumentException' };

/** Reads a subscription event by event. */
class Subscriber {
  readonly #events: AsyncIterator<{ SubscribeToShardEvent?: SubscribeToShardEvent }>;

  constructor(events: AsyncIterable<{ SubscribeToShardEvent?: SubscribeToShardEvent }>) {
    this.#events = events[Symbol.asyncIterator]();
  }

  /** The next event; undefined if the subscription has ended. */
  async event(): Promise<SubscribeToShardEvent | undefined> {
    const { done, value } = await this.#events.next();
    return done ? undefined : value.SubscribeToShardEvent;
  }

  /** The data of the next `count` records. */
  async take(count: number): Promise<string[]> {
    const data: string[] = [];
    while (data.length < count) {
      const event = await this.event();
      if (event === undefined) throw new Error(`ended after ${data.length} records`);
      data.push(...(event.Records ?? []).map(({ Data }) => Buffer.from(Data!).toString()));
    }
    return data;
  }

  leave(): Promise<unknown> {
    return this.#events.return?.() ?? Promise.resolve();
  }
}

async function start(options: EmulatorOptions = {}) {
  const clock = new TestClock();
  const streams = [{ name: 's', shards: 1 }];
  const emulator = await emulatorFor({ now: clock.now, limits: false, streams, ...options });
  const client = http2ClientOf(emulator);
  const registered = await client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'c' }));
  const ConsumerARN = registered.Consumer?.ConsumerARN ?? '';
  const subscribe = async (position: StartingPosition = { Type: 'TRIM_HORIZON' }, ShardId = SHARD) => {
    const command = new SubscribeToShardCommand({ ConsumerARN, ShardId, StartingPosition: position });
    return new Subscriber((await client.send(command)).EventStream!);
  };
  const put = (data: string) =>
    client.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: Buffer.from(data) }));
  return { clock, client, ConsumerARN, subscribe, put };
}

const HEARTBEATS = { heartbeatMs: 20 };

describe('a subscription', () => {
  test('reports child shards only after they are saved in the data folder', async () => {
    const dataDir = temporaryFolder();
    const { clock, client, subscribe } = await start({ dataDir, updateDelayMs: 1000, subscriptions: HEARTBEATS });
    const subscriber = await subscribe();
    const split = { StreamName: 's', ShardToSplit: SHARD, NewStartingHashKey: '5' };
    await client.send(new SplitShardCommand(split));
    clock.advance(2000);
    let children: string[] | undefined;
    while (children === undefined) {
      children = (await subscriber.event())?.ChildShards?.map(({ ShardId }) => ShardId ?? '');
    }
    expect(children).toHaveLength(2);
    const state = JSON.parse(readFileSync(join(streamFolder(dataDir), 'stream.json'), 'utf8').split('\n')[1]!);
    expect(state.shards.map(({ index }: { index: number }) => index)).toEqual([0, 1, 2]);
  });

  test('sends existing records, and new ones at once', async () => {
    const { clock, subscribe, put } = await start();
    const { SequenceNumber } = await put('a');
    clock.advance(5);
    const subscriber = await subscribe();
    const event = await subscriber.event();
    expect(event?.Records).toEqual([
      {
        SequenceNumber,
        PartitionKey: 'k',
        Data: new Uint8Array(Buffer.from('a')),
        ApproximateArrivalTimestamp: new Date(clock.ms - 5),
      },
    ]);
    expect(event).toMatchObject({ MillisBehindLatest: 0, ContinuationSequenceNumber: expect.any(String) });
    expect(event?.ChildShards).toBeUndefined();
    // Heartbeats are 5 s apart, so these events come because of the records.
    for (const data of ['b', 'c']) {
      const next = subscriber.take(1);
      await put(data);
      expect(await next).toEqual([data]);
    }
  });

  test('sends events without records while the shard is idle', async () => {
    const { subscribe } = await start({ subscriptions: HEARTBEATS });
    const subscriber = await subscribe();
    for (let i = 0; i < 3; i++) {
      expect(await subscriber.event()).toMatchObject({
        Records: [],
        MillisBehindLatest: 0,
        ContinuationSequenceNumber: expect.stringMatching(/^\d{56}$/),
      });
    }
  });

  test('reports how far behind it is', async () => {
    const { clock, client, subscribe, put } = await start();
    const Records = Array.from({ length: 500 }, () => ({ PartitionKey: 'k', Data: Buffer.alloc(4000) }));
    await client.send(new PutRecordsCommand({ StreamName: 's', Records }));
    clock.advance(7000);
    await put('last');
    const subscriber = await subscribe();
    const first = await subscriber.event();
    expect(first?.Records?.length).toBeLessThan(500);
    expect(first?.MillisBehindLatest).toBe(7000);
    expect((await subscriber.event())?.MillisBehindLatest).toBe(0);
  });

  test('ends after five minutes', async () => {
    const { clock, subscribe } = await start({ subscriptions: HEARTBEATS });
    const subscriber = await subscribe();
    await subscriber.event();
    clock.advance(299_999);
    expect(await subscriber.event()).toBeDefined();
    clock.advance(1);
    while ((await subscriber.event()) !== undefined);
  });

  test('can be taken over by another after five seconds, but not before', async () => {
    const { clock, subscribe, put } = await start({ subscriptions: HEARTBEATS });
    const first = await subscribe();
    await first.event();
    clock.advance(4999);
    const inUse = {
      name: 'ResourceInUseException',
      message: 'Another active subscription exists for this consumer: 000000000000:s:shardId-000000000000:c',
    };
    await expect(subscribe()).rejects.toMatchObject(inUse);
    clock.advance(1);
    const second = await subscribe();
    await expect(untilEnd(first)).rejects.toMatchObject(inUse);
    await put('a');
    expect(await second.take(1)).toEqual(['a']);
  });

  test.each(['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'] as const)(
    'continues with %s and its continuation number without lost or duplicate records, even if the shard was idle',
    async (Type) => {
      const { clock, client, subscribe, put } = await start({ subscriptions: { ...HEARTBEATS, takeoverMs: 0 } });
      const { Shards } = await client.send(new ListShardsCommand({ StreamName: 's' }));
      let SequenceNumber = Shards?.[0]?.SequenceNumberRange?.StartingSequenceNumber;
      const received: string[] = [];
      const step = async (expected: number) => {
        const subscriber = await subscribe({ Type, SequenceNumber });
        do {
          const event = await subscriber.event();
          received.push(...(event?.Records ?? []).map(({ Data }) => Buffer.from(Data!).toString()));
          SequenceNumber = event?.ContinuationSequenceNumber;
        } while (received.length < expected);
        await subscriber.leave();
        const iterator = new GetShardIteratorCommand({
          StreamName: 's',
          ShardId: SHARD,
          ShardIteratorType: Type,
          StartingSequenceNumber: SequenceNumber,
        });
        await client.send(iterator);
      };
      await step(0);
      await put('a');
      await step(1);
      await step(1);
      await put('b');
      await put('c');
      await step(3);
      clock.advance(3_600_000);
      await step(3);
      await put('d');
      await step(4);
      expect(received).toEqual(['a', 'b', 'c', 'd']);
    },
  );

  test('of a closed shard ends with an event that names the children and has no continuation number', async () => {
    const { client, subscribe, put } = await start();
    const subscriber = await subscribe();
    await put('a');
    const NewStartingHashKey = String(2n ** 127n);
    await client.send(new SplitShardCommand({ StreamName: 's', ShardToSplit: SHARD, NewStartingHashKey }));
    expect(await subscriber.take(1)).toEqual(['a']);
    const last = await subscriber.event();
    expect(last).toMatchObject({ Records: [], MillisBehindLatest: 0 });
    expect(last?.ContinuationSequenceNumber).toBeUndefined();
    expect(last?.ChildShards).toEqual([
      {
        ShardId: 'shardId-000000000001',
        ParentShards: [SHARD],
        HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(2n ** 127n - 1n) },
      },
      {
        ShardId: 'shardId-000000000002',
        ParentShards: [SHARD],
        HashKeyRange: { StartingHashKey: NewStartingHashKey, EndingHashKey: String(2n ** 128n - 1n) },
      },
    ]);
    expect(await subscriber.event()).toBeUndefined();
  });

  test('ends with an error when its consumer is deregistered or its stream deleted', async () => {
    const { client, ConsumerARN, subscribe } = await start();
    const first = expect(untilEnd(await subscribe())).rejects.toMatchObject({
      ...NOT_FOUND,
      message: `Consumer ${ConsumerARN}, account 000000000000 not found.`,
    });
    await client.send(new DeregisterStreamConsumerCommand({ ConsumerARN }));
    await first;
    const other = await start();
    const second = expect(untilEnd(await other.subscribe())).rejects.toMatchObject(NOT_FOUND);
    await other.client.send(new DeleteStreamCommand({ StreamName: 's', EnforceConsumerDeletion: true }));
    await second;
  });

  test('is paced to 2 MiB per second, in events of about 1 MiB', async () => {
    const { clock, client, subscribe } = await start({
      subscriptions: HEARTBEATS,
      limits: { shardWriteBytesPerSecond: 'off' },
    });
    const Records = Array.from({ length: 50 }, () => ({ PartitionKey: 'k', Data: Buffer.alloc(100 * 1024 - 1) }));
    await client.send(new PutRecordsCommand({ StreamName: 's', Records }));
    const subscriber = await subscribe();
    const counts: number[] = [];
    for (let i = 0; i < 5; i++) counts.push((await subscriber.event())?.Records?.length ?? -1);
    expect(counts).toEqual([10, 10, 10, 0, 0]);
    const waiting = subscriber.event();
    clock.advance(1000);
    counts.push((await waiting)?.Records?.length ?? -1);
    while (counts.at(-1) === 0) counts.push((await subscriber.event())?.Records?.length ?? -1);
    expect(counts.at(-1)).toBe(10);
    // The clock stands still again: the 2 MiB of that second are used up before everything is read.
    while (counts.at(-1) !== 0) counts.push((await subscriber.event())?.Records?.length ?? -1);
    expect(counts.reduce((sum, count) => sum + count)).toBe(50);
  });
});

describe('a starting position', () => {
  test('is a position in the shard or a time', async () => {
    const { clock, subscribe, put } = await start({ subscriptions: { takeoverMs: 0 } });
    const numbers: (string | undefined)[] = [];
    for (const data of ['a', 'b', 'c']) {
      numbers.push((await put(data)).SequenceNumber);
      clock.advance(1000);
    }
    const first = async (position: StartingPosition) => {
      const subscriber = await subscribe(position);
      if (position.Type === 'LATEST') await put('d');
      return (await subscriber.take(1))[0];
    };
    expect(await first({ Type: 'TRIM_HORIZON' })).toBe('a');
    expect(await first({ Type: 'AT_SEQUENCE_NUMBER', SequenceNumber: numbers[1] })).toBe('b');
    expect(await first({ Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: numbers[1] })).toBe('c');
    expect(await first({ Type: 'AT_TIMESTAMP', Timestamp: new Date(clock.ms - 2500) })).toBe('b');
    expect(await first({ Type: 'LATEST' })).toBe('d');
  });

  test('is refused if it is incomplete or invalid', async () => {
    const { clock, client, ConsumerARN, subscribe } = await start();
    await expect(subscribe({ Type: 'AT_SEQUENCE_NUMBER' })).rejects.toMatchObject(INVALID);
    await expect(subscribe({ Type: 'LATEST', SequenceNumber: '1' })).rejects.toMatchObject(INVALID);
    await expect(subscribe({ Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: '1' })).rejects.toMatchObject({
      ...INVALID,
      message:
        'StartingSequenceNumber 1 used in SubscribeToShard on shard shardId-000000000000 in stream s ' +
        'under account 000000000000 is invalid.',
    });
    await expect(subscribe({ Type: 'AT_TIMESTAMP' })).rejects.toMatchObject(INVALID);
    const Timestamp = new Date(clock.ms + 1000);
    await expect(subscribe({ Type: 'AT_TIMESTAMP', Timestamp })).rejects.toMatchObject(INVALID);
    await expect(subscribe({ Type: 'LATEST' }, 'shardId-000000000007')).rejects.toMatchObject(NOT_FOUND);
    const StartingPosition = { Type: 'LATEST' } as const;
    const other = { ConsumerARN: ConsumerARN.replace('/c:', '/d:'), ShardId: SHARD, StartingPosition };
    await expect(client.send(new SubscribeToShardCommand(other))).rejects.toMatchObject(NOT_FOUND);
  });

  test('is refused if the consumer is not ACTIVE, or after too many calls', async () => {
    const { clock, subscribe } = await start({ consumerDelayMs: 1000, limits: true });
    await expect(subscribe()).rejects.toMatchObject({
      name: 'ResourceInUseException',
      message: expect.stringMatching(/^Consumer c with creation timestamp 1760000000 .* is not in ACTIVE status\.$/),
    });
    clock.advance(1000);
    await expect(subscribe({ Type: 'AT_TIMESTAMP' })).rejects.toMatchObject(INVALID);
    await expect(subscribe()).rejects.toMatchObject({ name: 'LimitExceededException' });
    clock.advance(1000);
    await subscribe();
  });
});

async function untilEnd(subscriber: Subscriber): Promise<void> {
  while ((await subscriber.event()) !== undefined);
}
