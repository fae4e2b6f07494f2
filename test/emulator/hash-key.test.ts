import { createHash } from 'node:crypto';
import { ListShardsCommand, PutRecordCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf } from '../../src/emulator/protocol/bytes.js';
import { evenRanges, HASH_KEY_MAX, HASH_KEY_WORDS, isAbove, writeHashKey } from '../../src/emulator/store/hash-key.js';
import { md5Words } from '../../src/emulator/store/md5.js';
import { RecordBatch } from '../../src/emulator/store/record-batch.js';
import { clientOf, emulatorFor } from './support.js';

const hashKeys = fc.bigInt({ min: 0n, max: HASH_KEY_MAX });

describe('hash key ranges', () => {
  test('cover every hash key once, whatever the number of shards', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), (count) => {
        const ranges = evenRanges(count);
        expect(ranges).toHaveLength(count);
        expect(ranges[0]?.start).toBe(0n);
        expect(ranges.at(-1)?.end).toBe(2n ** 128n - 1n);
        for (let i = 1; i < count; i++) expect(ranges[i]!.start).toBe(ranges[i - 1]!.end + 1n);
      }),
      { numRuns: 30 },
    );
  });

  test('are the same as in the service for three shards', () => {
    expect(evenRanges(3).map(({ start, end }) => `${start}-${end}`)).toEqual([
      '0-113427455640312821154458202477256070484',
      '113427455640312821154458202477256070485-226854911280625642308916404954512140969',
      '226854911280625642308916404954512140970-340282366920938463463374607431768211455',
    ]);
  });
});

describe('hash keys', () => {
  test('compare as numbers', () => {
    fc.assert(
      fc.property(hashKeys, hashKeys, (a, b) => {
        const words = new Uint32Array(2 * HASH_KEY_WORDS);
        writeHashKey(a, words, 0);
        writeHashKey(b, words, HASH_KEY_WORDS);
        expect(isAbove(words, 0, words, HASH_KEY_WORDS)).toBe(a > b);
        expect(isAbove(words, 0, words, 0)).toBe(false);
      }),
    );
  });

  test('are the MD5 of the UTF-8 bytes of the partition key, wherever in a batch the key is', () => {
    const keys = fc.oneof(
      fc.string({ minLength: 1, maxLength: 256, unit: 'grapheme' }),
      fc.string({ minLength: 50, maxLength: 60 }),
    );
    fc.assert(
      fc.property(fc.array(keys, { minLength: 1, maxLength: 5 }), (all) => {
        const batch = RecordBatch.take();
        for (const key of all) batch.add(key, Buffer.from('data'), undefined);
        for (const [i, key] of all.entries()) {
          const words = new Uint32Array(HASH_KEY_WORDS);
          writeHashKey(BigInt(`0x${createHash('md5').update(key, 'utf8').digest('hex')}`), words, 0);
          expect(batch.hash(i)).toBe(true);
          expect([...batch.hashKeys.subarray(HASH_KEY_WORDS * i, HASH_KEY_WORDS * (i + 1))]).toEqual([...words]);
        }
        batch.release();
      }),
    );
  });

  test('are right for all key lengths around the size of an MD5 block', () => {
    for (let length = 0; length < 200; length++) {
      const bytes = Buffer.alloc(length, 'abcdefg\xe4');
      const words = new Uint32Array(HASH_KEY_WORDS);
      md5Words(bytesOf(bytes), 0, length, words, 0);
      const found = [...words].map((word) => word.toString(16).padStart(8, '0')).join('');
      expect(found).toBe(createHash('md5').update(bytes).digest('hex'));
    }
  });
});

test('a record goes to the shard whose range contains the hash of its key', async () => {
  const client = clientOf(await emulatorFor({ limits: false, streams: [{ name: 's', shards: 7 }] }));
  const keys = fc.sample(fc.string({ minLength: 1, maxLength: 40 }), 200);
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: 's' }));
  const { Records = [] } = await client.send(
    new PutRecordsCommand({
      StreamName: 's',
      Records: keys.map((PartitionKey) => ({ PartitionKey, Data: Buffer.of(1) })),
    }),
  );
  const expected = keys.map((key) => {
    const hash = BigInt(`0x${createHash('md5').update(key).digest('hex')}`);
    return Shards.find(
      ({ HashKeyRange: range }) => BigInt(range!.StartingHashKey!) <= hash && hash <= BigInt(range!.EndingHashKey!),
    )?.ShardId;
  });
  expect(Records.map(({ ShardId }) => ShardId)).toEqual(expected);
});

test('an explicit hash key overrides the partition key, up to the very ends of the ranges', async () => {
  const client = clientOf(await emulatorFor({ streams: [{ name: 's', shards: 3 }] }));
  const shardOf = async (ExplicitHashKey: string) => {
    const record = { StreamName: 's', PartitionKey: 'k', Data: Buffer.of(1), ExplicitHashKey };
    return (await client.send(new PutRecordCommand(record))).ShardId;
  };
  expect(await shardOf('0')).toBe('shardId-000000000000');
  expect(await shardOf('113427455640312821154458202477256070484')).toBe('shardId-000000000000');
  expect(await shardOf('113427455640312821154458202477256070485')).toBe('shardId-000000000001');
  expect(await shardOf('340282366920938463463374607431768211455')).toBe('shardId-000000000002');
  await expect(shardOf('340282366920938463463374607431768211456')).rejects.toMatchObject({
    name: 'InvalidArgumentException',
    message:
      'Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. ' +
      'Specified value was 340282366920938463463374607431768211456',
  });
});
