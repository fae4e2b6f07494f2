import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { cbor } from '@smithy/core/cbor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NATIVE_FROM_BYTES as ENCODED_FROM } from '../../../src/bytes/base64.js';
import { NATIVE_FROM_BYTES as COPIED_FROM } from '../../../src/bytes/copy.js';
import { scratchOf } from '../../../src/bytes/scratch.js';
import type { StreamAddress } from '../../../src/kinesis/client/client.js';
import { WIRES, type WireName } from '../../../src/kinesis/put-records/wire.js';
import type { OutgoingRecord } from '../../../src/target/target.js';

interface Plain {
  readonly data: Uint8Array;
  readonly key: string;
  readonly hashKey: string | undefined;
}

const sdk = new KinesisClient({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 's' } });

/** The body that the SDK's serializer makes. */
async function bodyOfSdk(address: { StreamName: string } | { StreamARN: string }, records: readonly Plain[]) {
  const command = new PutRecordsCommand({
    ...address,
    Records: records.map(({ data, key, hashKey }) => ({ Data: data, PartitionKey: key, ExplicitHashKey: hashKey })),
  });
  let body: unknown;
  command.middlewareStack.add(
    () => async (args) => {
      body = (args.request as { body: string | Uint8Array }).body;
      return { response: undefined, output: { Records: [], $metadata: {} } };
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  await sdk.send(command);
  return JSON.parse(Buffer.from(body as Uint8Array).toString());
}

/** Packs records into buffers: data, key, data, key, …. The buffers differ in length, so that ranges begin anywhere. */
function outgoing(records: readonly Plain[], inPack: number): OutgoingRecord[] {
  const result: OutgoingRecord[] = [];
  for (let from = 0; from < records.length; from += inPack) {
    const pack = records.slice(from, from + inPack);
    const source = Buffer.concat(
      pack.flatMap(({ data, key, hashKey = '' }) => [data, Buffer.from(key), Buffer.from(hashKey)]),
    );
    let at = 0;
    for (const { data, key, hashKey } of pack) {
      const dataEnd = at + data.length;
      const keyEnd = dataEnd + Buffer.byteLength(key);
      const attributesEnd = hashKey === undefined ? 0 : keyEnd + hashKey.length;
      const ranges = { dataStart: at, dataEnd, keyStart: dataEnd, keyEnd, attributesStart: keyEnd, attributesEnd };
      result.push({ source, ...ranges, recordedAtMs: Number.NaN });
      at = Math.max(keyEnd, attributesEnd);
    }
  }
  return result;
}

const data = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  ...[24, COPIED_FROM, 256, ENCODED_FROM].map((length) =>
    fc.uint8Array({ minLength: length - 4, maxLength: length + 4, size: 'max' }),
  ),
);
const key = fc.oneof(
  fc.string({ minLength: 1, maxLength: 40 }),
  fc.string({ minLength: 250, maxLength: 256, size: 'max' }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('"', '\\', '\0', '\n', '\u007f', '\u2028', 'ü', '😀', 'a'), minLength: 1 }),
);
const hashKey = fc.option(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map(String), { nil: undefined });
const address = fc.oneof(
  fc.record({ StreamName: fc.stringMatching(/^[a-zA-Z0-9_.-]{1,128}$/) }),
  fc.record({ StreamARN: fc.constant('arn:aws:kinesis:eu-west-1:123456789012:stream/s') }),
);

/** Writes a batch at an offset into a buffer that has exactly the room that the writer asks for. */
function bodyOf(wire: WireName, to: StreamAddress, batch: readonly OutgoingRecord[], at: number): Buffer {
  const writer = WIRES[wire].writerFor(to);
  const scratch = scratchOf(Buffer.alloc(at + writer.bytesMax(batch), '!'));
  return scratch.bytes.subarray(at, writer.write(batch, scratch, at));
}

const records = fc.array(fc.record({ data, key, hashKey }), { minLength: 1, maxLength: 20 });
const packSize = fc.integer({ min: 1, max: 7 });

describe('a body', () => {
  it('in JSON equals that of the SDK', async () => {
    await fc.assert(
      fc.asyncProperty(address, records, packSize, fc.nat(100), async (to, plain, inPack, at) => {
        const body = bodyOf('json', to, outgoing(plain, inPack), at);
        expect(JSON.parse(body.toString())).toEqual(await bodyOfSdk(to, plain));
      }),
      { numRuns: 300 },
    );
  });

  it('in CBOR can be read by the SDK', () => {
    fc.assert(
      fc.property(address, records, packSize, fc.nat(100), (to, plain, inPack, at) => {
        const { Records, ...others } = cbor.deserialize(bodyOf('cbor', to, outgoing(plain, inPack), at));
        expect(others).toEqual(to);
        expect(Records).toHaveLength(plain.length);
        for (const [index, { data, key, hashKey }] of plain.entries()) {
          const { Data, ...keys } = Records[index];
          expect(Buffer.compare(Data, data)).toBe(0);
          expect(keys).toEqual({ PartitionKey: key, ...(hashKey !== undefined && { ExplicitHashKey: hashKey }) });
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([65_535, 65_536, 65_537, 10_485_760])('holds records of %i bytes', async (bytes) => {
    const plain = [{ data: Buffer.alloc(bytes, 'xyz'), key: 'k', hashKey: undefined }];
    const batch = outgoing(plain, 1);
    const { Records } = cbor.deserialize(bodyOf('cbor', { StreamName: 's' }, batch, 0));
    expect(Buffer.compare(Records[0].Data, plain[0]!.data)).toBe(0);
    const inJson = JSON.parse(bodyOf('json', { StreamName: 's' }, batch, 0).toString());
    expect(Buffer.from(inJson.Records[0].Data, 'base64').equals(plain[0]!.data)).toBe(true);
  });

  it('in CBOR equals that of the AWS SDK for Java', () => {
    const plain = [{ data: Buffer.from('d'), key: 'k', hashKey: '7' }];
    const body = bodyOf('cbor', { StreamName: 's' }, outgoing(plain, 1), 0);
    const record = 'bf 64 44617461 41 64 6f 4578706c69636974486173684b6579 61 37 6c 506172746974696f6e4b6579 61 6b ff';
    const wanted = `bf 6a 53747265616d4e616d65 61 73 67 5265636f726473 9f ${record} ff ff`;
    expect(body.toString('hex')).toBe(wanted.replaceAll(' ', ''));
  });

  it('has replacement characters in keys that are not valid UTF-8', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 256, size: 'max' }),
      fc.array(fc.constantFrom(0xff, 0xc3, 0xa9, 0xed, 0xa0, 0x80, 0x61), { minLength: 1 }).map((b) => Buffer.from(b)),
    );
    fc.assert(
      fc.property(bytes, (key) => {
        const source = Buffer.concat([Buffer.from('d'), key]);
        const range = {
          dataStart: 0,
          dataEnd: 1,
          keyStart: 1,
          keyEnd: source.length,
          attributesStart: 0,
          attributesEnd: 0,
        };
        const batch = [{ source, ...range, recordedAtMs: Number.NaN }];
        const PartitionKey = Buffer.from(key).toString('utf8');
        const inJson = JSON.parse(bodyOf('json', { StreamName: 's' }, batch, 0).toString());
        expect(inJson).toEqual({ StreamName: 's', Records: [{ Data: 'ZA==', PartitionKey }] });
        const { Records } = cbor.deserialize(bodyOf('cbor', { StreamName: 's' }, batch, 0));
        expect(Records[0].PartitionKey).toBe(PartitionKey);
      }),
      { numRuns: 500 },
    );
  });
});
