import fc from 'fast-check';
import { expect } from 'vitest';
import { OPERATIONS } from '../../src/emulator/actions/operations.js';
import { PutRecordsResults } from '../../src/emulator/actions/put-records-results.js';
import { SUBSCRIPTION_TIMES } from '../../src/emulator/fan-out/subscription.js';
import { Subscriptions } from '../../src/emulator/fan-out/subscriptions.js';
import { limitsOf } from '../../src/emulator/limits/limits.js';
import type { Format, FormatName } from '../../src/emulator/protocol/format.js';
import { ServiceError } from '../../src/emulator/protocol/service-error.js';
import type { Input, StructureShape } from '../../src/emulator/protocol/shape.js';
import { validate } from '../../src/emulator/protocol/validation.js';
import { Accounts, type StreamReference } from '../../src/emulator/store/accounts.js';
import { TestClock } from './support.js';

/** Compares the two ways to read and respond to a PutRecords: the quick one, and the one by its shape. */

const CALLER = { account: '000000000000', region: 'us-east-1' };
const NOW = new TestClock().ms;

function newWorld(limits: boolean): Accounts {
  const delays = { createMs: 0, updateMs: 0, deleteMs: 0, consumerMs: 0 };
  const accounts = new Accounts({
    limits: limitsOf(limits),
    delays,
    memoryMaxBytes: 64 * 1024 * 1024,
    onDemandScaling: false,
  });
  const stream = { name: 's', mode: 'PROVISIONED', shardCount: 3, maxRecordSizeInKiB: 1024, tags: {} } as const;
  accounts.createStream(CALLER, stream, NOW, NOW);
  return accounts;
}

/** The response to a body, and whether the quick way was taken. */
function responseTo(
  accounts: Accounts,
  format: Format,
  body: Buffer,
  isQuick: boolean,
): { response: Buffer; tookQuick: boolean } {
  let tookQuick = false;
  function read<S extends StructureShape, Quick extends StreamReference>(
    shape: S,
    quick?: Readonly<Record<FormatName, (body: Buffer) => Quick | undefined>>,
  ) {
    const found = isQuick ? quick?.[format.name](body) : undefined;
    tookQuick = found !== undefined;
    if (found !== undefined) return found;
    const request = format.read(shape, body);
    validate(shape, request);
    return request as Input<S>;
  }
  try {
    const subscriptions = new Subscriptions(() => NOW, SUBSCRIPTION_TIMES);
    const output = OPERATIONS.get('PutRecords')!.run(read, { accounts, subscriptions, caller: CALLER, now: NOW });
    if (!(output instanceof PutRecordsResults)) throw new Error('PutRecords returns PutRecordsResults');
    return { response: Buffer.from(isQuick ? format.writeBulk(output) : format.write(output.toOutput())), tookQuick };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { response: Buffer.from(format.writeError(error)), tookQuick };
  }
}

function stored(accounts: Accounts): string[] {
  const { shards } = accounts.stream(CALLER, { StreamName: 's' }, NOW);
  return shards.flatMap((shard) =>
    Array.from(
      shard.read(0, 10_000, NOW)?.page ?? [],
      ({ sequenceNumber, key, data }) => `${sequenceNumber} ${key} ${data.toString('base64')}`,
    ),
  );
}

/** Expects both ways to give the same response and store the same records. True if the quick one was taken. */
export function expectSame(format: Format, body: Buffer, limits = false): boolean {
  const [quick, plain] = [newWorld(limits), newWorld(limits)];
  const { response, tookQuick } = responseTo(quick, format, body, true);
  expect(response.toString('latin1')).toBe(responseTo(plain, format, body, false).response.toString('latin1'));
  expect(stored(quick)).toEqual(stored(plain));
  return tookQuick;
}

export const keys = fc.oneof(
  { weight: 4, arbitrary: fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...'abcXYZ019-_/. ') }) },
  { weight: 2, arbitrary: fc.string({ minLength: 0, maxLength: 30, unit: 'grapheme' }) },
  fc.string({ maxLength: 30, unit: 'binary' }),
  fc.integer({ min: 250, max: 260 }).map((length) => 'é'.repeat(length)),
);
export const data = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.integer({ min: 180, max: 1000 }).map((length) => Uint8Array.from({ length }, (_, i) => (i * 7919) >> 3)),
);
export const hashKeyText = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 129n }).map(String),
  fc.constantFrom('0', '', '00', '007', '-1', '340282366920938463463374607431768211456', '9'.repeat(40)),
);
export const references = fc.constantFrom(
  { StreamName: 's' },
  { StreamName: 's', StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/s' },
  { StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/s' },
  { StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/t', StreamName: 's' },
  { StreamId: 'abcdefghij0123456789-abc' },
  { StreamName: 'no such' },
  { StreamName: 'other' },
  { StreamName: null },
  {},
);
