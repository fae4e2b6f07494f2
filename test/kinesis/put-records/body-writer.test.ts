import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NATIVE_FROM_BYTES } from '../../../src/kinesis/put-records/base64.js';
import { BodyWriter, scratchOf } from '../../../src/kinesis/put-records/body-writer.js';
import type { OutgoingRecord } from '../../../src/send/target.js';

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

/** As records lie in packs: data, key, data, key, …; each pack of its own length, so that ranges begin anywhere. */
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
      const hashEnd = hashKey === undefined ? 0 : keyEnd + hashKey.length;
      result.push({ source, dataStart: at, dataEnd, keyStart: dataEnd, keyEnd, hashStart: keyEnd, hashEnd });
      at = Math.max(keyEnd, hashEnd);
    }
  }
  return result;
}

const data = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.uint8Array({ minLength: NATIVE_FROM_BYTES - 4, maxLength: NATIVE_FROM_BYTES + 4, size: 'max' }),
);
const key = fc.oneof(
  fc.string({ minLength: 1, maxLength: 40 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('"', '\\', '\0', '\n', '\u007f', '\u2028', 'ü', '😀', 'a'), minLength: 1 }),
);
const hashKey = fc.option(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map(String), { nil: undefined });
const address = fc.oneof(
  fc.record({ StreamName: fc.stringMatching(/^[a-zA-Z0-9_.-]{1,128}$/) }),
  fc.record({ StreamARN: fc.constant('arn:aws:kinesis:eu-west-1:123456789012:stream/s') }),
);

it('a body says what the one of the SDK says', async () => {
  const records = fc.array(fc.record({ data, key, hashKey }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(address, records, fc.integer({ min: 1, max: 7 }), fc.nat(100), async (to, plain, inPack, at) => {
      const writer = new BodyWriter(to);
      const batch = outgoing(plain, inPack);
      const scratch = scratchOf(Buffer.alloc(at + writer.bytesMax(batch), '!'));
      const end = writer.write(batch, scratch, at);
      expect(JSON.parse(scratch.bytes.toString('utf8', at, end))).toEqual(await bodyOfSdk(to, plain));
    }),
    { numRuns: 300 },
  );
});

it('keys that are no UTF-8 are sent as what they are read as', () => {
  const source = Buffer.from([0x64, 0xff, 0x61]);
  const writer = new BodyWriter({ StreamName: 's' });
  const batch = [{ source, dataStart: 0, dataEnd: 1, keyStart: 1, keyEnd: 3, hashStart: 0, hashEnd: 0 }];
  const scratch = scratchOf(Buffer.alloc(writer.bytesMax(batch)));
  const body = JSON.parse(scratch.bytes.toString('utf8', 0, writer.write(batch, scratch, 0)));
  expect(body).toEqual({ StreamName: 's', Records: [{ Data: 'ZA==', PartitionKey: '\ufffda' }] });
});
