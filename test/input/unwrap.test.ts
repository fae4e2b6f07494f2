import { KinesisClient, PutRecordCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { cbor } from '@smithy/core/cbor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../support/runs.js';
import { fileOf, open, type Reading, readText, textOf } from './support.js';

interface Put {
  readonly Data: Uint8Array;
  readonly PartitionKey: string;
  readonly ExplicitHashKey?: string;
}

const sdk = new KinesisClient({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 's' } });

let body: unknown;
sdk.middlewareStack.add(
  () => async (args) => {
    body = (args.request as { body: unknown }).body;
    return { response: undefined, output: { $metadata: {} } } as never;
  },
  { step: 'finalizeRequest', priority: 'low' },
);

/** The body that the SDK sends for a call, in JSON. */
async function jsonOf(puts: readonly Put[], single: boolean): Promise<string> {
  const Records = puts.map((put) => ({ ...put }));
  await (single
    ? sdk.send(new PutRecordCommand({ StreamName: 's', ...puts[0]! }))
    : sdk.send(new PutRecordsCommand({ StreamName: 's', Records })));
  return Buffer.from(body as Uint8Array).toString();
}

/** The same call in CBOR, as the SDK for Java sends it, in base64, as a recorder writes it. */
function cborOf(puts: readonly Put[], single: boolean): string {
  const call = single ? { StreamName: 's', ...puts[0]! } : { StreamName: 's', Records: puts };
  return Buffer.from(cbor.serialize(call)).toString('base64');
}

function responseOf(puts: readonly Put[]): string {
  const Records = puts.map(({ Data, PartitionKey }) => ({
    ApproximateArrivalTimestamp: 1.5,
    Data: Buffer.from(Data).toString('base64'),
    PartitionKey,
    SequenceNumber: '1',
  }));
  return JSON.stringify({ MillisBehindLatest: 0, NextShardIterator: 'x', Records }).replaceAll('/', '\\/');
}

/** The records of a file, as they are sent. */
async function putsIn(name: string, content: string, reading: Reading = {}) {
  const puts: (Put & { line: number; recordedAtMs: number })[] = [];
  const bad: string[] = [];
  const source = await open([fileOf(name, content)], { unwrap: 'auto', ...reading });
  for await (const block of source.blocks()) {
    const bytes = (start: number, end: number) => Buffer.from(block.bytes.subarray(start, end));
    for (let at = 0; at < block.count; at++) {
      puts.push({
        Data: new Uint8Array(bytes(block.dataStart[at]!, block.dataEnd[at]!)),
        PartitionKey: block.keyStart[at]! < 0 ? '' : bytes(block.keyStart[at]!, block.keyEnd[at]!).toString(),
        ...(block.attributesBytes(at) > 0 && {
          ExplicitHashKey: bytes(block.attributesStart[at]!, block.attributesEnd[at]!).toString(),
        }),
        line: block.line[at]!,
        recordedAtMs: block.recordedAtMs[at]!,
      });
    }
    bad.push(...block.bad.map(({ line, reason }) => `${line}: ${reason}`));
  }
  return { puts, bad, unwraps: source.found.unwrapped };
}

const put: fc.Arbitrary<Put> = fc
  .record({
    Data: fc.uint8Array({ maxLength: 40 }),
    PartitionKey: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    hash: fc.option(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map(String), { nil: undefined }),
  })
  .map(({ hash, ...rest }) => (hash === undefined ? rest : { ...rest, ExplicitHashKey: hash }));

const call = fc.record({
  puts: fc.array(put, { minLength: 1, maxLength: 12 }),
  single: fc.boolean(),
  how: fc.constantFrom('json', 'json in base64', 'cbor', 'response'),
});

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

describe('--unwrap', () => {
  it('sends the records that an SDK put, byte for byte, with the line and time of their row', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 2000 }),
        async (calls, chunkBytes) => {
          const rows: string[] = [];
          const expected: unknown[] = [];
          for (const [at, { puts, single, how }] of calls.entries()) {
            const isResponse = how === 'response';
            const sent = single && !isResponse ? puts.slice(0, 1) : puts;
            const json = isResponse ? responseOf(sent) : await jsonOf(sent, single);
            const base64 = how === 'cbor' ? cborOf(sent, single) : Buffer.from(json).toString('base64');
            rows.push(`${quoted(how === 'json' || isResponse ? json : base64)},${at + 1}`);
            for (const { ExplicitHashKey, ...record } of sent) {
              const hash = ExplicitHashKey === undefined || isResponse ? {} : { ExplicitHashKey };
              expected.push({ ...record, ...hash, line: at + 2, recordedAtMs: (at + 1) * 1000 });
            }
          }
          const { puts, bad, unwraps } = await putsIn('calls.csv', `body,.ts\n${rows.join('\n')}\n`, {
            unwrap: 'kinesis',
            chunkBytes,
          });
          expect({ puts, bad, unwraps }).toEqual({ puts: expected, bad: [], unwraps: true });
        },
      ),
      { numRuns: runs(60) },
    );
  });

  it('decides once, by the first rows', async () => {
    const body = await jsonOf([{ Data: Buffer.from('hi'), PartitionKey: 'k' }], false);
    const describe = '{"StreamName":"s"}';
    const mixed = await putsIn('mixed.ndjson', `${describe}\n${body}\n{"order":1}\n`);
    expect(mixed.unwraps).toBe(true);
    expect(mixed.puts.map(({ Data }) => Buffer.from(Data).toString())).toEqual(['hi']);
    expect(mixed.bad).toEqual(
      [1, 3].map((line) => `${line}: the data is not a PutRecord, a PutRecords or a response to GetRecords`),
    );

    const late = await putsIn('late.ndjson', `${'{"order":1}\n'.repeat(200)}${body}\n`);
    expect(late).toMatchObject({ unwraps: false, bad: [] });
    expect(late.puts).toHaveLength(201);
    const asked = await putsIn('none.ndjson', `${body}\n`, { unwrap: 'none' });
    expect(Buffer.from(asked.puts[0]!.Data).toString()).toBe(body);
  });

  it.each([
    ['plain text', 'hello'],
    ['a Kafka value', '{"Data":"aGk=","PartitionKey":"k"}'],
    ['an event of a Lambda', '{"Records":[{"kinesis":{"data":"aGk=","partitionKey":"k"}}]}'],
    ['base64 of something', 'aGVsbG8='],
  ])('sends %s as data', async (_, text) => {
    const { puts, unwraps } = await putsIn('plain.csv', `valueString\n${quoted(text)}\n`);
    expect(unwraps).toBe(false);
    expect(puts.map(({ Data }) => Buffer.from(Data).toString())).toEqual([text]);
  });

  it('makes one bad record of a partly unusable row, and none of an empty response', async () => {
    const records = (second: object) =>
      JSON.stringify({ StreamName: 's', Records: [{ Data: 'aGk=', PartitionKey: 'k' }, second] });
    const rows = [
      records({ Data: '*', PartitionKey: 'k' }),
      records({ PartitionKey: 'k' }),
      records({ Data: '', PartitionKey: '' }),
      records({ Data: '', PartitionKey: 'k', ExplicitHashKey: '-1' }),
      '{"NextShardIterator":"x","Records":[]}',
      records({ Data: '', PartitionKey: 'k', ExplicitHashKey: null }),
      `${records({}).slice(0, -2)}`,
    ];
    const { puts, bad } = await putsIn('partly.csv', `body\n${rows.map(quoted).join('\n')}\n`);
    expect(puts.map(({ line }) => line)).toEqual([7, 7]);
    expect(bad).toEqual([
      '2: record 2 of 2 in the call: its Data is not base64',
      '3: record 2 of 2 in the call: it has no Data',
      '4: record 2 of 2 in the call: its PartitionKey is empty',
      "5: record 2 of 2 in the call: explicit hash key '-1' in it " +
        'is not a whole number from 0 to 2^128 - 1, in decimal',
      '8: the recorded call is not valid JSON',
    ]);
  });

  it('keeps the order of many records in many rows', async () => {
    const body = (row: number) =>
      JSON.stringify({
        StreamName: 's',
        Records: Array.from({ length: 500 }, (_, at) => ({
          Data: Buffer.from(`${row}-${at}`).toString('base64'),
          PartitionKey: 'k',
        })),
      });
    const { puts } = await putsIn('many.ndjson', Array.from({ length: 30 }, (_, row) => body(row)).join('\n'));
    expect(puts.map(({ Data }) => Buffer.from(Data).toString())).toEqual(
      Array.from({ length: 15_000 }, (_, at) => `${Math.floor(at / 500)}-${at % 500}`),
    );
  });

  it('reads CBOR of indefinite lengths, and reports CBOR that is cut off', async () => {
    const whole = Buffer.concat([
      Buffer.from([0xbf, 0x6a]),
      Buffer.from('StreamName'),
      Buffer.from([0x61, 0x73, 0x67]),
      Buffer.from('Records'),
      Buffer.from([0x9f, 0xbf, 0x64]),
      Buffer.from('Data'),
      Buffer.from([0x5f, 0x42, 1, 2, 0x41, 3, 0xff, 0x6c]),
      Buffer.from('PartitionKey'),
      Buffer.from([0x7f, 0x61, 0x6b, 0x61, 0x65, 0xff, 0xff, 0xff, 0xff]),
    ]);
    const rows = Array.from({ length: whole.length }, (_, cut) => whole.subarray(0, whole.length - cut));
    const lines = rows.map((row) => row.toString('base64')).join('\n');
    const { puts, bad } = await putsIn('cut.csv', `body\n${lines}\n`);
    expect(puts).toMatchObject([{ Data: Uint8Array.of(1, 2, 3), PartitionKey: 'ke', line: 2 }]);
    expect(bad).toHaveLength(rows.length - 1);
  });

  it('is refused for kload records', async () => {
    const line = '{"schema":"kload.record/1","partitionKey":"k","data":"x"}\n';
    const { error } = await readText('k.ndjson', line, { unwrap: 'kinesis' });
    expect(textOf(error)).toMatch(/usage: .*bring their own fields: --unwrap has no effect/);
    expect((await readText('k.ndjson', line, { unwrap: 'auto' })).records).toMatchObject([{ data: 'x', key: 'k' }]);
  });

  it.each([null, ''])('never unwraps kload records, even with the key %j', async (partitionKey) => {
    const data = await jsonOf([{ Data: Buffer.from('x'), PartitionKey: 'k' }], false);
    const line = JSON.stringify({ schema: 'kload.record/1', partitionKey, data });
    const { records } = await readText('k.ndjson', `${line}\n`, { unwrap: 'auto' });
    expect(records).toMatchObject([{ data, key: undefined }]);
  });
});
