import { GetRecordsCommand, type GetRecordsCommandOutput, KinesisClient } from '@aws-sdk/client-kinesis';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOCAL_CREDENTIALS } from '../../../src/kinesis/client/client.js';
import { type ReadPageMembers, readPage } from '../../../src/kinesis/read/page-reader.js';
import { scanPage } from '../../../src/kinesis/read/page-scan.js';
import { runs } from '../../support/runs.js';

const SHARD = 'shardId-000000000003';

let responseBody: Uint8Array = Buffer.alloc(0);
const sdk = new KinesisClient({
  ...{ region: 'us-east-1', endpoint: 'http://127.0.0.1:1', credentials: LOCAL_CREDENTIALS, maxAttempts: 1 },
  requestHandler: {
    handle: async () => ({
      response: { statusCode: 200, headers: {}, body: new Uint8Array(responseBody), reason: '' },
    }),
  } as never,
});

/** Reads a body as the SDK does. */
function bySdk(body: Uint8Array): Promise<GetRecordsCommandOutput> {
  responseBody = body;
  return sdk.send(new GetRecordsCommand({ ShardIterator: 'i' }));
}

/** What both readers read, in one form. */
function shown({ records, behindMs, children, nextIterator }: ReadPageMembers) {
  const shownRecords = records.map(({ sequenceNumber, key, data, arrivedAtMs }) => {
    return { sequenceNumber, key, data: Buffer.from(data ?? []).toString('hex'), arrivedAtMs };
  });
  return { records: shownRecords, behindMs, children, nextIterator };
}

function shownBySdk({ Records, MillisBehindLatest, ChildShards, NextShardIterator }: GetRecordsCommandOutput) {
  const records = (Records ?? []).map((record) => ({
    shardId: SHARD,
    sequenceNumber: record.SequenceNumber ?? '',
    key: record.PartitionKey ?? '',
    data: record.Data ?? new Uint8Array(),
    arrivedAtMs: record.ApproximateArrivalTimestamp?.getTime() ?? Number.NaN,
  }));
  const children = (ChildShards ?? []).map(({ ShardId, ParentShards }) => {
    return { id: ShardId ?? '', parents: ParentShards ?? [] };
  });
  const behindMs = MillisBehindLatest ?? 0;
  return shown({ records, behindMs, children, nextIterator: NextShardIterator, continuation: undefined });
}

/** An object whose members come in any order. */
function shuffled<T extends object>(members: { [name in keyof T]: fc.Arbitrary<T[name]> }, needed: (keyof T)[]) {
  const names = Object.keys(members) as (keyof T)[];
  return fc
    .tuple(
      fc.record<T>(members as never, { requiredKeys: needed as never }),
      fc.shuffledSubarray(names, { minLength: names.length }),
    )
    .map(([made, order]) => {
      const present = order.filter((name) => made[name as never] !== undefined);
      return Object.fromEntries(present.map((name) => [name, made[name as never]])) as object;
    });
}

const number = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 42 }).map((ms) => ms / 1000),
  fc.constantFrom(0, 1.5e9, 1_785_000_000.123),
);
const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constantFrom('k', 'user-17', 'a"b\\'));
const record = shuffled<Record<string, unknown>>(
  {
    SequenceNumber: fc.bigInt({ min: 0n, max: 2n ** 186n }).map(String),
    ApproximateArrivalTimestamp: number,
    Data: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('base64')),
    PartitionKey: text,
    EncryptionType: fc.constantFrom('KMS', 'NONE'),
  },
  ['SequenceNumber', 'Data', 'PartitionKey'],
);
const page = shuffled<Record<string, unknown>>(
  {
    Records: fc.array(record, { maxLength: 6 }),
    NextShardIterator: text,
    MillisBehindLatest: fc.nat(),
    ChildShards: fc.array(fc.record({ ShardId: fc.string(), ParentShards: fc.array(fc.string(), { maxLength: 2 }) }), {
      maxLength: 2,
    }),
    SomethingNew: fc.jsonValue(),
  },
  ['Records'],
);

/** A page as text: as services write it, in the exponents of Java, or with white space. */
const body = fc.tuple(page, fc.constantFrom('plain', 'plain', 'exponents', 'spaced')).map(([value, form]) => {
  if (form === 'spaced') return Buffer.from(JSON.stringify(value, null, 1));
  const json = JSON.stringify(value);
  if (form === 'plain') return Buffer.from(json);
  return Buffer.from(
    json.replace(/("ApproximateArrivalTimestamp":)([\d.]+)/g, (_, name, seconds) => {
      return `${name}${Number(seconds).toExponential().toUpperCase().replace('+', '')}`;
    }),
  );
});

describe('a page of records', () => {
  it('is read as the SDK reads it', async () => {
    let scanned = 0;
    let read = 0;
    await fc.assert(
      fc.asyncProperty(body, async (bytes) => {
        read++;
        if (scanPage(bytes, SHARD) !== undefined) scanned++;
        expect(shown(readPage(bytes, SHARD))).toEqual(shownBySdk(await bySdk(bytes)));
      }),
      { numRuns: runs(500) },
    );
    // Else the scan is not tested.
    expect(scanned).toBeGreaterThan(read / 4);
  });

  it('that is damaged is refused, or read as the SDK reads it', async () => {
    const damage = fc.record({
      bytes: body,
      at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      byte: fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('"\\=,:{}[]0 '))),
      way: fc.constantFrom('replace', 'insert', 'remove', 'cut', 'append'),
    });
    const verdicts = { read: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(damage, async ({ bytes, at, byte, way }) => {
        const index = Math.floor(at * bytes.length);
        const before = bytes.subarray(0, index);
        const one = Buffer.of(byte);
        const damaged = {
          replace: () => Buffer.concat([before, one, bytes.subarray(index + 1)]),
          insert: () => Buffer.concat([before, one, bytes.subarray(index)]),
          remove: () => Buffer.concat([before, bytes.subarray(index + 1)]),
          cut: () => before,
          append: () => Buffer.concat([bytes, one]),
        }[way]();
        let page: ReadPageMembers;
        try {
          page = readPage(damaged, SHARD);
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
          verdicts.refused++;
          return;
        }
        verdicts.read++;
        expect(shown(page)).toEqual(shownBySdk(await bySdk(damaged)));
      }),
      { numRuns: runs(5000) },
    );
    expect(verdicts.read).toBeGreaterThan(0);
    expect(verdicts.refused).toBeGreaterThan(0);
  });
});
