import {
  CreateStreamCommand,
  DescribeStreamCommand,
  DescribeStreamSummaryCommand,
  ListShardsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { describe, expect, test } from 'vitest';
import { HALF, id, isOpen, merge, putAt, readFrom, readToEnd, S, scale, shardsOf, split, start } from './shards.js';

describe('SplitShard', () => {
  test('closes the shard and opens two that share its range', async () => {
    const { client, clock } = await start(1);
    await putAt(client, HALF, 'before');
    clock.advance(5000);
    await split(client, 0, HALF);
    const [parent, low, high, ...others] = await shardsOf(client);
    expect(others).toEqual([]);
    expect(parent).toMatchObject({ ShardId: id(0), HashKeyRange: { StartingHashKey: '0' } });
    expect(low).toEqual({
      ShardId: id(1),
      ParentShardId: id(0),
      HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(HALF - 1n) },
      SequenceNumberRange: { StartingSequenceNumber: expect.stringMatching(/^\d{56}$/) },
    });
    expect(high).toMatchObject({
      ParentShardId: id(0),
      HashKeyRange: { StartingHashKey: String(HALF), EndingHashKey: String(2n ** 128n - 1n) },
    });
    const ending = BigInt(parent!.SequenceNumberRange!.EndingSequenceNumber!);
    const hex = ending.toString(16);
    expect(hex).toMatch(/^2.{9}07fffffffffffffff00.{9}000000002$/);
    expect(Number.parseInt(hex.slice(29, 38), 16)).toBe(clock.ms / 1000);
    expect(BigInt(low!.SequenceNumberRange!.StartingSequenceNumber!) > ending).toBe(true);
    const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand(S));
    expect(StreamDescriptionSummary).toMatchObject({ OpenShardCount: 2, StreamStatus: 'ACTIVE' });
  });

  test('leaves records in the parent; new ones go to the children, with higher sequence numbers', async () => {
    const { client } = await start(1);
    const before = await putAt(client, 0n, 'before');
    await split(client, 0, HALF);
    const low = await putAt(client, HALF - 1n, 'low');
    const high = await putAt(client, HALF, 'high');
    expect([before, low, high].map(({ ShardId }) => ShardId)).toEqual([id(0), id(1), id(2)]);
    expect(BigInt(low.SequenceNumber!) > BigInt(before.SequenceNumber!)).toBe(true);
    expect((await readFrom(client, 0)).texts).toEqual(['before']);
    expect((await readFrom(client, 1)).texts).toEqual(['low']);
    expect((await readFrom(client, 2)).texts).toEqual(['high']);
  });

  test('takes effect when the stream is no longer UPDATING', async () => {
    const { client, clock } = await start(2, { updateDelayMs: 500 });
    await split(client, 0, 1000n);
    const { StreamDescription } = await client.send(new DescribeStreamCommand(S));
    expect(StreamDescription).toMatchObject({ StreamStatus: 'UPDATING' });
    expect(StreamDescription?.Shards).toHaveLength(2);
    expect((await putAt(client, 2000n, 'a')).ShardId).toBe(id(0));
    const notActive = {
      name: 'ResourceInUseException',
      message: 'Stream s under account 000000000000 not ACTIVE, instead in state UPDATING',
    };
    await expect(split(client, 1, HALF + 100n)).rejects.toMatchObject(notActive);
    await expect(merge(client, 0, 1)).rejects.toMatchObject(notActive);
    await expect(scale(client, 3)).rejects.toMatchObject(notActive);
    clock.advance(500);
    expect((await putAt(client, 2000n, 'b')).ShardId).toBe(id(3));
    expect((await readFrom(client, 0)).texts).toEqual(['a']);
    expect(await shardsOf(client)).toHaveLength(4);
  });

  test('needs an open shard and a hash key inside its range', async () => {
    const { client } = await start(2);
    const outside = (key: bigint | string, shard: number, low: bigint, high: bigint) => ({
      name: 'InvalidArgumentException',
      message:
        `NewStartingHashKey ${key} used in SplitShard() on shard ${id(shard)} in stream s under account 000000000000 ` +
        `is not both greater than one plus the shard's StartingHashKey ${low} and less than the shard's ` +
        `EndingHashKey ${high}.`,
    });
    const max = 2n ** 128n - 1n;
    for (const key of [0n, HALF, HALF + 1n, max, max + 1n]) {
      await expect(split(client, 1, key)).rejects.toMatchObject(outside(key, 1, HALF, max));
    }
    await split(client, 1, HALF + 2n);
    await expect(split(client, 1, HALF + 2n)).rejects.toMatchObject({
      name: 'InvalidArgumentException',
      message:
        'Shard shardId-000000000001 in stream s under account 000000000000 has already been merged or split, ' +
        'and thus is not eligible for merging or splitting.',
    });
    await expect(split(client, 9, HALF)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Could not find shard shardId-000000000009 in stream s under account 000000000000.',
    });
    const nameless = new SplitShardCommand({ ...S, ShardToSplit: 'other', NewStartingHashKey: '2' });
    await expect(client.send(nameless)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Could not find shard other in stream s under account 000000000000.',
    });
  });

  test('is refused if the account has too many shards', async () => {
    const { client } = await start(2, { limits: { shardsPerAccount: 2 } });
    await expect(split(client, 0, 1000n)).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: expect.stringContaining('Current shard count for the account: 2. Limit: 2. Number of additional shards'),
    });
  });

  test('is refused while the stream is CREATING', async () => {
    const { client } = await start(1, { createDelayMs: 1000 });
    await client.send(new CreateStreamCommand({ StreamName: 't', ShardCount: 1 }));
    const early = new SplitShardCommand({ StreamName: 't', ShardToSplit: id(0), NewStartingHashKey: '1000' });
    await expect(client.send(early)).rejects.toMatchObject({
      name: 'ResourceInUseException',
      message: 'Stream t under account 000000000000 not ACTIVE, instead in state CREATING',
    });
  });
});

describe('MergeShards', () => {
  test('closes two neighbours and opens one with both ranges', async () => {
    const { client } = await start(3);
    await putAt(client, 0n, 'a');
    await merge(client, 0, 1);
    const merged = (await shardsOf(client))[3];
    const range = { StartingHashKey: '0', EndingHashKey: String(2n * (2n ** 128n / 3n) - 1n) };
    expect(merged).toMatchObject({ ParentShardId: id(0), AdjacentParentShardId: id(1), HashKeyRange: range });
    expect((await putAt(client, 0n, 'b')).ShardId).toBe(id(3));
    expect((await readFrom(client, 3)).texts).toEqual(['b']);
    const { texts, end } = await readToEnd(client, 0);
    expect(texts).toEqual(['a', '']);
    expect(end.ChildShards).toEqual([{ ShardId: id(3), ParentShards: [id(0), id(1)], HashKeyRange: range }]);
    expect((await readFrom(client, 1)).ChildShards).toEqual(end.ChildShards);
  });

  test('needs two open neighbours, the lower one first', async () => {
    const { client } = await start(3);
    const notAdjacent = (one: number, other: number) => ({
      name: 'InvalidArgumentException',
      message:
        `Shards ${id(one)} and ${id(other)} in stream s under account 000000000000 are not an adjacent ` +
        'pair of shards eligible for merging',
    });
    await expect(merge(client, 0, 2)).rejects.toMatchObject(notAdjacent(0, 2));
    await expect(merge(client, 1, 0)).rejects.toMatchObject(notAdjacent(1, 0));
    await expect(merge(client, 1, 1)).rejects.toMatchObject(notAdjacent(1, 1));
    await expect(merge(client, 0, 7)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await merge(client, 0, 1);
    await expect(merge(client, 0, 1)).rejects.toMatchObject({
      name: 'InvalidArgumentException',
      message: expect.stringContaining('has already been merged or split'),
    });
    await merge(client, 3, 2);
    expect((await shardsOf(client)).filter(isOpen)).toHaveLength(1);
  });
});

describe('a closed shard', () => {
  test('ends with an empty page that names its children, after its last records', async () => {
    const { client } = await start(1);
    for (const text of ['a', 'b', 'c']) await putAt(client, 0n, text);
    await split(client, 0, HALF);
    const { pages, texts, end } = await readToEnd(client, 0, {}, 2);
    expect(texts).toEqual(['ab', 'c', '']);
    // Flink's source fails on a page that has both records and the end.
    for (const page of pages.slice(0, -1)) expect(page.ChildShards).toBeUndefined();
    expect(pages.slice(1).map(({ MillisBehindLatest }) => MillisBehindLatest)).toEqual([0, 0]);
    expect(end.ChildShards).toEqual([
      {
        ShardId: id(1),
        ParentShards: [id(0)],
        HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(HALF - 1n) },
      },
      {
        ShardId: id(2),
        ParentShards: [id(0)],
        HashKeyRange: { StartingHashKey: String(HALF), EndingHashKey: String(2n ** 128n - 1n) },
      },
    ]);
  });

  test('can be read from each type of iterator', async () => {
    const { client, clock } = await start(1);
    const startMs = clock.ms;
    const { SequenceNumber: a } = await putAt(client, 0n, 'a');
    clock.advance(1000);
    const { SequenceNumber: b } = await putAt(client, 0n, 'b');
    clock.advance(1000);
    await split(client, 0, HALF);
    const end = (await shardsOf(client))[0]!.SequenceNumberRange!.EndingSequenceNumber!;
    const from = async (position: object) => {
      const { texts, end: last } = await readToEnd(client, 0, position);
      expect(last.ChildShards).toHaveLength(2);
      return texts.join('');
    };
    const at = 'AT_SEQUENCE_NUMBER';
    const after = 'AFTER_SEQUENCE_NUMBER';
    expect(await from({ ShardIteratorType: 'TRIM_HORIZON' })).toBe('ab');
    expect(await from({ ShardIteratorType: 'LATEST' })).toBe('');
    expect(await from({ ShardIteratorType: at, StartingSequenceNumber: b })).toBe('b');
    expect(await from({ ShardIteratorType: after, StartingSequenceNumber: a })).toBe('b');
    expect(await from({ ShardIteratorType: after, StartingSequenceNumber: b })).toBe('');
    expect(await from({ ShardIteratorType: at, StartingSequenceNumber: end })).toBe('');
    expect(await from({ ShardIteratorType: after, StartingSequenceNumber: end })).toBe('');
    expect(await from({ ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(startMs + 1) })).toBe('b');
    expect(await from({ ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(startMs + 1500) })).toBe('');
  });

  test('is removed once its records have left retention, while its children still name it', async () => {
    const { client, clock } = await start(1);
    await putAt(client, 0n, 'a');
    clock.advance(3_600_000);
    await split(client, 0, HALF);
    clock.advance(23 * 3_600_000 + 1);
    expect((await readFrom(client, 0)).texts).toEqual([]);
    expect(await shardsOf(client)).toHaveLength(3);
    clock.advance(3_600_000 - 1);
    expect(await shardsOf(client)).toHaveLength(3);
    clock.advance(1);
    const left = await shardsOf(client);
    expect(left.map(({ ShardId, ParentShardId }) => [ShardId, ParentShardId])).toEqual([
      [id(1), id(0)],
      [id(2), id(0)],
    ]);
    await expect(readFrom(client, 0)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Shard shardId-000000000000 in stream s under account 000000000000 does not exist',
    });
    const after = await client.send(new ListShardsCommand({ ...S, ExclusiveStartShardId: id(0) }));
    expect(after.Shards).toHaveLength(2);
    await split(client, 1, 1000n);
    expect((await shardsOf(client)).map(({ ShardId }) => ShardId)).toEqual([id(1), id(2), id(3), id(4)]);
  });
});
