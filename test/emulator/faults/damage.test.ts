import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../../src/emulator/index.js';
import { folder } from '../../support/kload.js';
import { call, emulatorFor, send } from '../support.js';

interface Sent {
  readonly key: string;
  readonly data: string;
}

/** A record at its place: 'shardId-… sequence number'. */
interface Placed extends Sent {
  readonly shard: string;
  readonly number: string;
}

/** The members of responses that the tests use. */
interface Response {
  readonly ShardId: string;
  readonly SequenceNumber: string;
  readonly ShardIterator: string;
  readonly NextShardIterator: string;
  readonly MillisBehindLatest: number;
  /** Of PutRecords, or of GetRecords. */
  readonly Records: readonly { ShardId: string; SequenceNumber: string; PartitionKey: string; Data: string }[];
}

const STREAM = 's';

/** An emulator with a stream of `shards` shards, and faults. */
const withFaults = (shards: number, faults: readonly string[], options: EmulatorOptions = {}) =>
  emulatorFor({ streams: [{ name: STREAM, shards }], limits: false, faults: [...faults], ...options });

async function json(emulator: Emulator, operation: string, body: unknown): Promise<Response> {
  const { status, body: text } = await call(emulator, operation, body);
  expect({ status, text }).toMatchObject({ status: 200 });
  return JSON.parse(text) as Response;
}

/** Sends one request: PutRecords, or PutRecord for a single record. Returns what was acknowledged. */
async function put(emulator: Emulator, records: readonly Sent[]): Promise<Placed[]> {
  const of = ({ key, data }: Sent) => ({ PartitionKey: key, Data: Buffer.from(data).toString('base64') });
  const acknowledged =
    records.length === 1
      ? [await json(emulator, 'PutRecord', { StreamName: STREAM, ...of(records[0]!) })]
      : (await json(emulator, 'PutRecords', { StreamName: STREAM, Records: records.map(of) })).Records;
  return records.map((record, i) => {
    return { ...record, shard: acknowledged[i]!.ShardId, number: acknowledged[i]!.SequenceNumber };
  });
}

/** All records of the stream with GetRecords, shard by shard, a few at once. */
async function readAll(emulator: Emulator, shards: number, Limit = 7): Promise<Placed[]> {
  const found: Placed[] = [];
  for (let index = 0; index < shards; index++) {
    const shard = `shardId-${String(index).padStart(12, '0')}`;
    const from = { StreamName: STREAM, ShardId: shard, ShardIteratorType: 'TRIM_HORIZON' };
    let iterator = (await json(emulator, 'GetShardIterator', from)).ShardIterator;
    for (;;) {
      const page = await json(emulator, 'GetRecords', { ShardIterator: iterator, Limit });
      for (const record of page.Records) {
        const data = Buffer.from(record.Data, 'base64').toString('latin1');
        found.push({ shard, number: record.SequenceNumber, key: record.PartitionKey, data });
      }
      if (page.MillisBehindLatest === 0) break;
      iterator = page.NextShardIterator;
    }
  }
  return found;
}

async function hitsOf(emulator: Emulator): Promise<Record<string, number>> {
  const { body } = await send(emulator, { method: 'GET', path: '/_kload/faults' });
  const { faults } = JSON.parse(body) as { faults: { action: string; hits: number }[] };
  return Object.fromEntries(faults.map(({ action, hits }) => [action, hits]));
}

const placeOf = ({ shard, number }: Placed) => `${shard} ${number}`;
const contentOf = ({ key, data }: Sent) => `${key} ${data}`;
const records = (count: number, key = 'k') =>
  Array.from({ length: count }, (_, i) => ({ key, data: 'x'.repeat(i + 1) }));
const dataOf = (all: readonly Sent[]) => all.map(({ data }) => data.length);

/** What a verifier finds that knows each acknowledged record. No two records have the same content. */
function found(acknowledged: readonly Placed[], stored: readonly Placed[]) {
  const places = new Map(stored.map((record) => [placeOf(record), record]));
  const known = new Set(acknowledged.map(placeOf));
  const contents = new Set(acknowledged.map(contentOf));
  const extras = stored.filter((record) => !known.has(placeOf(record)));
  const extraContents = new Set(extras.map(contentOf));
  const at = (record: Placed) => places.get(placeOf(record));
  const missing = acknowledged.filter((record) => at(record) === undefined);
  const changed = acknowledged.filter(
    (record) => at(record) !== undefined && contentOf(at(record)!) !== contentOf(record),
  );
  const swapped = changed.filter((record) => contents.has(contentOf(at(record)!)));
  return {
    'drop-record': missing.filter((record) => !extraContents.has(contentOf(record))).length,
    'misplace-record': missing.filter((record) => extraContents.has(contentOf(record))).length,
    'duplicate-record': extras.filter((record) => missing.every((one) => contentOf(one) !== contentOf(record))).length,
    'corrupt-record': changed.length - swapped.length,
    'swap-records': swapped.length / 2,
  };
}

const KINDS = ['drop-record', 'misplace-record', 'duplicate-record', 'corrupt-record', 'swap-records'];

describe('faults that damage records after acknowledging them', () => {
  test('are exactly as many as the emulator counts, whatever it is sent', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 });
    const input = fc.record({
      seed: fc.nat(),
      kinds: fc.uniqueArray(fc.constantFrom(...KINDS), { minLength: 1 }),
      percentage: fc.integer({ min: 1, max: 60 }),
      keys: fc.integer({ min: 1, max: 8 }),
      sizes,
    });
    await fc.assert(
      fc.asyncProperty(input, async ({ seed, kinds, percentage, keys, sizes }) => {
        const faults = kinds.map((kind) => `${kind}:percentage=${percentage}`);
        await using emulator = await startEmulator({
          ...{ streams: [{ name: STREAM, shards: 3 }], limits: false, faults, faultSeed: seed },
        });
        const acknowledged: Placed[] = [];
        for (const [request, count] of sizes.entries()) {
          const sent = Array.from({ length: count }, (_, i) => {
            return {
              key: `key-${(request + i * 7) % keys}`,
              data: `record ${request} ${i}`.padEnd((i * 13) % 90, '.'),
            };
          });
          acknowledged.push(...(await put(emulator, sent)));
        }
        const hits = await hitsOf(emulator);
        const none = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
        expect(found(acknowledged, await readAll(emulator, 3))).toEqual({ ...none, ...hits });
      }),
      { numRuns: 25 },
    );
  });

  test('are the same for the same seed', async () => {
    const stored = async (faultSeed: number) => {
      const faults = ['drop-record:percentage=20', 'swap-records:percentage=20', 'corrupt-record:percentage=20'];
      const emulator = await withFaults(1, faults, { faultSeed });
      await put(emulator, records(100));
      return (await readAll(emulator, 1)).map(({ data }) => data);
    };
    const one = await stored(3);
    expect(await stored(3)).toEqual(one);
    expect(await stored(4)).not.toEqual(one);
  });

  test('drop records: readers go past them', async () => {
    const emulator = await withFaults(1, ['drop-record:count=3']);
    const acknowledged = await put(emulator, records(5));
    expect(dataOf(await readAll(emulator, 1, 1))).toEqual([4, 5]);
    const ShardIteratorType = 'AT_SEQUENCE_NUMBER';
    const from = { StreamName: STREAM, ShardId: acknowledged[0]!.shard, ShardIteratorType };
    const at = await json(emulator, 'GetShardIterator', { ...from, StartingSequenceNumber: acknowledged[1]!.number });
    const page = await json(emulator, 'GetRecords', { ShardIterator: at.ShardIterator, Limit: 1 });
    expect(page.Records).toMatchObject([{ SequenceNumber: acknowledged[3]!.number }]);
  });

  test('store records twice, the second time under a further sequence number', async () => {
    const emulator = await withFaults(1, ['duplicate-record:count=1']);
    const acknowledged = await put(emulator, records(2));
    const stored = await readAll(emulator, 1);
    expect(dataOf(stored)).toEqual([1, 1, 2]);
    expect([stored[0], stored[2]]).toEqual(acknowledged);
    expect(BigInt(stored[1]!.number)).toBeGreaterThan(BigInt(stored[0]!.number));
  });

  test('change one byte of data, of records that have any', async () => {
    const emulator = await withFaults(1, ['corrupt-record']);
    const [text, empty] = [
      { key: 'k', data: 'some text' },
      { key: 'k', data: '' },
    ];
    await put(emulator, [text, empty]);
    const stored = await readAll(emulator, 1);
    const bytes = [...stored[0]!.data].filter((byte, i) => byte !== text.data[i]);
    expect(bytes).toHaveLength(1);
    expect(stored[1]).toMatchObject(empty);
    expect(await hitsOf(emulator)).toEqual({ 'corrupt-record': 1 });
  });

  test('exchange neighbours of a key, also of different requests, unless the first was read', async () => {
    const emulator = await withFaults(1, ['swap-records']);
    const acknowledged: Placed[] = [];
    for (const record of records(4)) {
      acknowledged.push(...(await put(emulator, [record, { key: 'other', data: '' }])).slice(0, 1));
      await put(emulator, [{ key: `another ${record.data}`, data: 'y' }]);
    }
    const stored = (await readAll(emulator, 1)).filter(({ key }) => key === 'k');
    expect(dataOf(stored)).toEqual([2, 1, 4, 3]);
    expect(stored.map(placeOf)).toEqual(acknowledged.map(placeOf));
    const hits = (await hitsOf(emulator))['swap-records'];
    await put(emulator, records(1, 'read'));
    await readAll(emulator, 1);
    await put(emulator, records(1, 'read'));
    expect((await hitsOf(emulator))['swap-records']).toBe(hits);
  });

  test('put records on another shard, if there is one', async () => {
    const emulator = await withFaults(2, ['misplace-record']);
    const acknowledged = await put(emulator, records(10));
    const stored = await readAll(emulator, 2);
    expect(dataOf(stored)).toEqual(dataOf(acknowledged));
    expect(new Set(stored.map(({ shard }) => shard))).not.toContain(acknowledged[0]!.shard);
    const alone = await withFaults(1, ['misplace-record']);
    expect(await readAll(alone, 1)).toEqual([]);
    const kept = await put(alone, records(3));
    expect(await readAll(alone, 1)).toEqual(kept);
    expect(await hitsOf(alone)).toEqual({ 'misplace-record': 0 });
  });

  test('hit only the shard and the stream that they name', async () => {
    const emulator = await withFaults(4, ['drop-record:shard=2', 'drop-record:stream=another']);
    const acknowledged = await put(
      emulator,
      Array.from({ length: 60 }, (_, i) => ({ key: `key-${i}`, data: `${i}` })),
    );
    const stored = await readAll(emulator, 4);
    const onOthers = acknowledged.filter(({ shard }) => !shard.endsWith('2'));
    expect(onOthers.length).toBeGreaterThan(20);
    expect(stored.map(placeOf).sort()).toEqual(onOthers.map(placeOf).sort());
  });

  test('are on disk as they are read, but for dropped records', async () => {
    using dir = folder();
    const options = { dataDir: dir.path('data'), limits: false as const };
    const faults = ['swap-records:count=1', 'corrupt-record:count=1', 'duplicate-record:count=1'];
    const first = await startEmulator({ ...options, streams: [{ name: STREAM, shards: 1 }], faults });
    await put(first, records(6));
    const stored = await readAll(first, 1);
    expect(dataOf(stored)).not.toEqual([1, 2, 3, 4, 5, 6]);
    await first.close();
    const second = await emulatorFor(options);
    expect(await readAll(second, 1)).toEqual(stored);
  });
});
