import {
  CreateStreamCommand,
  type KinesisClient,
  MergeShardsCommand,
  type Shard,
  SplitShardCommand,
  UpdateShardCountCommand,
  UpdateStreamModeCommand,
} from '@aws-sdk/client-kinesis';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { evenRanges } from '../../src/emulator/store/hash-key.js';
import { reshard } from '../../src/emulator/store/reshard.js';
import { planShardCount } from '../../src/emulator/store/reshard-plan.js';
import type { ShardState, StreamState } from '../../src/emulator/store/stream-state.js';
import { runs } from '../support/runs.js';
import { id, isOpen, S, scale, shardsOf, split, start } from './shards.js';
import { clientOf } from './support.js';

/** The ranges must cover all hash keys, and be equal but for rounding. */
function expectEven(shards: readonly Shard[], count: number): void {
  const open = shards.filter(isOpen).sort(byStart);
  expect(open).toHaveLength(count);
  let next = 0n;
  for (const { HashKeyRange } of open) {
    expect(BigInt(HashKeyRange!.StartingHashKey!)).toBe(next);
    const end = BigInt(HashKeyRange!.EndingHashKey!);
    expect(isNear(end + 1n - next, 2n ** 128n / BigInt(count))).toBe(true);
    next = end + 1n;
  }
  expect(next).toBe(2n ** 128n);
}

/** The number of boundaries of `count` equal ranges that the open shards do not have. */
function missingBoundaries(open: readonly Shard[], count: number): number {
  const wanted = Array.from({ length: count - 1 }, (_, i) => (2n ** 128n * BigInt(i + 1)) / BigInt(count));
  return wanted.filter((key) => !open.some((shard) => isNear(startOf(shard), key))).length;
}

async function halve(client: KinesisClient, pick: number): Promise<void> {
  const open = (await shardsOf(client)).filter(isOpen);
  const { ShardId, HashKeyRange } = open[pick % open.length]!;
  const middle = (BigInt(HashKeyRange!.StartingHashKey!) + BigInt(HashKeyRange!.EndingHashKey!)) / 2n;
  await client.send(new SplitShardCommand({ ...S, ShardToSplit: ShardId, NewStartingHashKey: String(middle) }));
}

const isNear = (a: bigint, b: bigint) => (a < b ? b - a : a - b) < 1000n;
const startOf = ({ HashKeyRange }: Shard) => BigInt(HashKeyRange!.StartingHashKey!);
const byStart = (a: Shard, b: Shard) => (startOf(a) < startOf(b) ? -1 : 1);
const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
const shardState = (index: number, start: bigint, end: bigint): ShardState => ({
  index,
  range: [String(start), String(end)],
  createdAtMs: 0,
  epochSeconds: 0,
});

describe('UpdateShardCount', () => {
  // The first four were observed on AWS.
  test.each([
    [2, 4, 6],
    [4, 5, 15],
    [4, 2, 6],
    [4, 3, 11],
    [3, 6, 9],
    [1, 1, 1],
    [10, 13, 43],
  ])('from %i to %i makes %i shards in all', async (from, to, total) => {
    const { client } = await start(from);
    const response = await scale(client, to);
    expect(response).toMatchObject({ StreamName: 's', CurrentShardCount: from, TargetShardCount: to });
    expect(response.StreamARN).toBe('arn:aws:kinesis:us-east-1:000000000000:stream/s');
    const shards = await shardsOf(client);
    expect(shards).toHaveLength(total);
    expectEven(shards, to);
  });

  test('from 4 to 3 leaves shards 6, 9 and 10, as the service does', async () => {
    const { client } = await start(4);
    await scale(client, 3);
    const open = (await shardsOf(client)).filter(isOpen);
    expect(open.map(({ ShardId }) => ShardId)).toEqual([id(6), id(9), id(10)]);
  });

  test('always results in equal ranges, with no more splits and merges than the boundaries need', async () => {
    const halving = fc.nat(1000);
    const steps = fc.array(
      fc.record({
        halvings: fc.array(halving, { maxLength: 3 }),
        factor: fc.double({ min: 0.5, max: 2, noNaN: true }),
      }),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), steps, async (shards, steps) => {
        await using emulator = await startEmulator({ limits: false, streams: [{ name: 's', shards }] });
        const client = clientOf(emulator);
        for (const { halvings, factor } of steps) {
          for (const pick of halvings) await halve(client, pick);
          const before = (await shardsOf(client)).filter(isOpen).sort(byStart);
          const target = Math.max(1, Math.round(before.length * factor));
          const known = (await shardsOf(client)).length;
          await scale(client, target);
          const shards = await shardsOf(client);
          expectEven(shards, target);
          const splits = missingBoundaries(before, target);
          expect(shards.length - known).toBe(2 * splits + (before.length + splits - target));
        }
      }),
      { numRuns: runs(15) },
    );
  });

  test('does so for all counts within the limits, up to thousands of shards', () => {
    const whole = 2n ** 128n;
    const scaled = (from: number, to: number) => {
      const state = { shards: evenRanges(from).map(({ start, end }, index) => shardState(index, start, end)) };
      const steps = planShardCount(state.shards, to);
      reshard(state as StreamState, steps, 0, () => 0);
      return { steps, open: state.shards.filter(({ closedAtMs }) => closedAtMs === undefined) };
    };
    const counts = [
      ...Array.from({ length: 30 }, (_, i) => i + 1).flatMap((from) =>
        Array.from({ length: 2 * from }, (_, i) => [from, i + 1] as const).filter(([, to]) => 2 * to >= from),
      ),
      ...([
        [1000, 1999],
        [999, 2],
        [6000, 10_000],
        [10_000, 5001],
        [3333, 6666],
      ] as const),
    ];
    for (const [from, to] of counts) {
      const { steps, open } = scaled(from, to);
      const splits = to - gcd(from, to);
      expect(steps).toHaveLength(splits + (from + splits - to));
      expect(open).toHaveLength(to);
      const width = whole / BigInt(to);
      const widths = open.map(({ range: [start, end] }) => BigInt(end) - BigInt(start) + 1n);
      expect(widths.every((each) => each >= width - 20_000n && each <= width + 20_000n)).toBe(true);
      expect(widths.reduce((sum, each) => sum + each)).toBe(whole);
    }
  });

  test('does not happen when the mode is switched: uneven shards stay as they are', async () => {
    const { client } = await start(4);
    await split(client, 0, 1000n);
    const before = await shardsOf(client);
    const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
    for (const StreamMode of ['ON_DEMAND', 'PROVISIONED'] as const) {
      await client.send(new UpdateStreamModeCommand({ StreamARN, StreamModeDetails: { StreamMode } }));
      expect(await shardsOf(client)).toEqual(before);
    }
  });

  test('at most doubles or halves the open shards', async () => {
    const { client } = await start(5, { limits: true });
    const counts = (target: number) => `Current open shard count: 5, Target shard count: ${target}`;
    await expect(scale(client, 11)).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: `UpdateShardCount cannot scale up over double your current open shard count. ${counts(11)}`,
    });
    await expect(scale(client, 2)).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: `UpdateShardCount cannot scale down below half your current open shard count. ${counts(2)}`,
    });
    await expect(scale(client, 20_000)).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: `Target shard count or number of open shards cannot be greater than 10000. ${counts(20_000)}`,
    });
    await scale(client, 10);
    await scale(client, 5);
  });

  test('is allowed ten times in 24 hours; a call that changes nothing does not count', async () => {
    const { client, clock } = await start(1, { limits: { updateShardCountPerSecond: 'off' } });
    for (let i = 0; i < 10; i++) {
      await scale(client, i % 2 === 0 ? 2 : 1);
      if (i === 0) clock.advance(3_600_000);
    }
    await scale(client, 1);
    await expect(scale(client, 2)).rejects.toMatchObject({ name: 'LimitExceededException' });
    clock.advance(23 * 3_600_000);
    await scale(client, 2);
    await expect(scale(client, 1)).rejects.toMatchObject({ name: 'LimitExceededException' });
  });

  test('is refused for an on-demand stream, and so are splits and merges', async () => {
    const { client } = await start(1);
    await client.send(new CreateStreamCommand({ StreamName: 'd', StreamModeDetails: { StreamMode: 'ON_DEMAND' } }));
    const refusal = {
      name: 'ValidationException',
      message: 'Request is invalid. Stream d under account 000000000000 is in On-Demand mode.',
    };
    const D = { StreamName: 'd' };
    const count = new UpdateShardCountCommand({ ...D, TargetShardCount: 8, ScalingType: 'UNIFORM_SCALING' });
    await expect(client.send(count)).rejects.toMatchObject(refusal);
    const half = new SplitShardCommand({ ...D, ShardToSplit: id(0), NewStartingHashKey: '1000' });
    await expect(client.send(half)).rejects.toMatchObject(refusal);
    const both = new MergeShardsCommand({ ...D, ShardToMerge: id(0), AdjacentShardToMerge: id(1) });
    await expect(client.send(both)).rejects.toMatchObject(refusal);
  });
});
