import {
  CreateStreamCommand,
  DeleteStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type KinesisClient,
  PutRecordCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientOf, emulatorFor, TestClock } from './support.js';

const STREAM = { StreamName: 's', ShardId: 'shardId-000000000000' } as const;

async function put(client: KinesisClient, text: string): Promise<string> {
  const record = { StreamName: 's', PartitionKey: 'k', Data: Buffer.from(text) };
  return (await client.send(new PutRecordCommand(record))).SequenceNumber!;
}

async function iteratorOf(client: KinesisClient, position: Partial<GetShardIteratorCommandInput>): Promise<string> {
  const input = { ...STREAM, ShardIteratorType: 'TRIM_HORIZON', ...position } as const;
  return (await client.send(new GetShardIteratorCommand(input))).ShardIterator!;
}

async function read(client: KinesisClient, ShardIterator: string, Limit?: number) {
  const response = await client.send(
    new GetRecordsCommand({ ShardIterator, ...(Limit === undefined ? {} : { Limit }) }),
  );
  return { ...response, texts: (response.Records ?? []).map(({ Data }) => Buffer.from(Data!).toString()) };
}

async function textsFrom(client: KinesisClient, position: Partial<GetShardIteratorCommandInput>): Promise<string[]> {
  return (await read(client, await iteratorOf(client, position))).texts;
}

async function start() {
  const clock = new TestClock();
  const emulator = await emulatorFor({ now: clock.now, limits: false, streams: [{ name: 's', shards: 1 }] });
  return { clock, client: clientOf(emulator) };
}

describe('a record that was put', () => {
  test('is read back unchanged, with its key, arrival time and sequence number', async () => {
    const { client, clock } = await start();
    const records = fc.sample(
      fc.record({
        PartitionKey: fc.string({ minLength: 1, maxLength: 50, unit: 'grapheme' }),
        Data: fc.uint8Array({ maxLength: 2000 }),
      }),
      300,
    );
    const { Records: results = [] } = await client.send(new PutRecordsCommand({ StreamName: 's', Records: records }));
    const { Records = [] } = await read(client, await iteratorOf(client, {}));
    expect(Records.map(({ PartitionKey, Data }) => [PartitionKey, Buffer.from(Data!).toString('hex')])).toEqual(
      records.map(({ PartitionKey, Data }) => [PartitionKey, Buffer.from(Data).toString('hex')]),
    );
    expect(Records.map(({ SequenceNumber }) => SequenceNumber)).toEqual(results.map((result) => result.SequenceNumber));
    for (const { ApproximateArrivalTimestamp: at } of Records) expect(at).toEqual(new Date(clock.ms));
  });

  test('has a higher sequence number than the one before, which can be its SequenceNumberForOrdering', async () => {
    const { client, clock } = await start();
    let before = '';
    for (let i = 0; i < 20; i++) {
      const record = { StreamName: 's', PartitionKey: 'k', Data: Buffer.of(i) };
      const ordering = before === '' ? {} : { SequenceNumberForOrdering: before };
      const { SequenceNumber = '' } = await client.send(new PutRecordCommand({ ...record, ...ordering }));
      expect(SequenceNumber).toMatch(/^\d{56}$/);
      expect(SequenceNumber > before).toBe(true);
      before = SequenceNumber;
      clock.advance(i % 3 === 0 ? -400 : 400);
    }
  });

  test('is refused if its SequenceNumberForOrdering is in the future', async () => {
    const { client } = await start();
    const SequenceNumberForOrdering = String(BigInt(await put(client, 'a')) + 2n ** 80n);
    const record = { StreamName: 's', PartitionKey: 'k', Data: Buffer.of(1), SequenceNumberForOrdering };
    await expect(client.send(new PutRecordCommand(record))).rejects.toMatchObject({
      name: 'InvalidArgumentException',
      message:
        `ExclusiveMinimumSequenceNumber ${SequenceNumberForOrdering} used in PutRecord on stream s ` +
        'under account 000000000000 is invalid.',
    });
  });

  test('is gone after 24 hours', async () => {
    const { client, clock } = await start();
    const early = await iteratorOf(client, {});
    const first = await put(client, 'a');
    clock.advance(24 * 3_600_000 - 1000);
    await put(client, 'b');
    expect(await textsFrom(client, {})).toEqual(['a', 'b']);
    clock.advance(1001);
    expect(await textsFrom(client, {})).toEqual(['b']);
    expect(await textsFrom(client, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: first })).toEqual(
      ['b'],
    );
    await expect(read(client, early)).rejects.toMatchObject({ name: 'ExpiredIteratorException' });
  });
});

describe('a shard iterator', () => {
  test('starts at the position given by its type', async () => {
    const { client, clock } = await start();
    const numbers: string[] = [];
    const startMs = clock.ms;
    for (const text of ['a', 'b', 'c', 'd']) {
      numbers.push(await put(client, text));
      clock.advance(1000);
    }
    const latest = await iteratorOf(client, { ShardIteratorType: 'LATEST' });
    await put(client, 'e');
    const StartingSequenceNumber = numbers[1]!;
    const atTime = (ms: number) => ({ ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(ms) }) as const;
    expect(await textsFrom(client, {})).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect((await read(client, latest)).texts).toEqual(['e']);
    expect(await textsFrom(client, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber })).toEqual([
      'b',
      'c',
      'd',
      'e',
    ]);
    expect(await textsFrom(client, { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber })).toEqual([
      'c',
      'd',
      'e',
    ]);
    expect(await textsFrom(client, atTime(startMs + 2000))).toEqual(['c', 'd', 'e']);
    expect(await textsFrom(client, atTime(startMs + 2001))).toEqual(['d', 'e']);
    expect(await textsFrom(client, atTime(0))).toEqual(['a', 'b', 'c', 'd', 'e']);
    await expect(iteratorOf(client, atTime(clock.ms + 1))).rejects.toMatchObject({ name: 'InvalidArgumentException' });
  });

  test('continues where the last read ended, and responses report how far behind that is', async () => {
    const { client, clock } = await start();
    for (const text of ['a', 'b', 'c']) {
      await put(client, text);
      clock.advance(1000);
    }
    const first = await read(client, await iteratorOf(client, {}), 2);
    expect(first).toMatchObject({ texts: ['a', 'b'], MillisBehindLatest: 2000 });
    const second = await read(client, first.NextShardIterator!);
    expect(second).toMatchObject({ texts: ['c'], MillisBehindLatest: 0 });
    const third = await read(client, second.NextShardIterator!);
    expect(third).toMatchObject({ texts: [], MillisBehindLatest: 0 });
    await put(client, 'd');
    expect((await read(client, third.NextShardIterator!)).texts).toEqual(['d']);
  });

  test('is valid for 300 s', async () => {
    const { client, clock } = await start();
    const iterator = await iteratorOf(client, {});
    clock.advance(300_000);
    await read(client, iterator);
    clock.advance(1);
    await expect(read(client, iterator)).rejects.toMatchObject({
      name: 'ExpiredIteratorException',
      message:
        'Iterator expired. The iterator was created at time Thu Oct 09 08:53:20 UTC 2025 while right now it is ' +
        'Thu Oct 09 08:58:20 UTC 2025 which is further in the future than the tolerated delay of 300000 milliseconds.',
    });
  });

  test('of a deleted stream is refused, even if there is a new stream with the same name', async () => {
    const { client } = await start();
    const iterator = await iteratorOf(client, {});
    await client.send(new DeleteStreamCommand({ StreamName: 's' }));
    await client.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
    await expect(read(client, iterator)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('is refused if it, or the request for it, is invalid', async () => {
    const { client } = await start();
    const number = await put(client, 'a');
    const invalid = { name: 'InvalidArgumentException' };
    await expect(read(client, 'nonsense')).rejects.toMatchObject({ ...invalid, message: 'Invalid ShardIterator.' });
    await expect(iteratorOf(client, { StartingSequenceNumber: number })).rejects.toMatchObject(invalid);
    await expect(iteratorOf(client, { ShardIteratorType: 'AT_SEQUENCE_NUMBER' })).rejects.toMatchObject(invalid);
    await expect(iteratorOf(client, { ShardIteratorType: 'AT_TIMESTAMP' })).rejects.toMatchObject(invalid);
    await expect(
      iteratorOf(client, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: '123' }),
    ).rejects.toMatchObject(invalid);
    await expect(iteratorOf(client, { ShardId: 'shardId-000000000001' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Shard shardId-000000000001 in stream s under account 000000000000 does not exist',
    });
    await expect(iteratorOf(client, { StreamName: 'other' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Shard shardId-000000000000 in stream other under account 000000000000 does not exist',
    });
  });
});

test('one read returns at most 10,000 records or 10 MiB', async () => {
  const { client } = await start();
  const putMany = (count: number, size: number) => {
    const Records = Array.from({ length: count }, () => ({ PartitionKey: 'k', Data: Buffer.alloc(size) }));
    return client.send(new PutRecordsCommand({ StreamName: 's', Records }));
  };
  for (let i = 0; i < 21; i++) await putMany(500, 10);
  const many = await read(client, await iteratorOf(client, {}));
  expect(many.Records).toHaveLength(10_000);
  const rest = await read(client, many.NextShardIterator!);
  expect(rest.Records).toHaveLength(500);
  for (let i = 0; i < 2; i++) await putMany(7, 1_000_000);
  expect((await read(client, rest.NextShardIterator!)).Records).toHaveLength(10);
});
