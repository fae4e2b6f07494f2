import { cbor, dateToTag, tag } from '@smithy/core/cbor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCbor } from '../../../src/emulator/protocol/cbor-reader.js';
import { writeCbor } from '../../../src/emulator/protocol/cbor-writer.js';
import { readJson } from '../../../src/emulator/protocol/json.js';
import { Blob, type Output, Timestamp } from '../../../src/emulator/protocol/output.js';
import { ServiceError } from '../../../src/emulator/protocol/service-error.js';
import { integer, list, map, string, structure } from '../../../src/emulator/protocol/shape.js';
import { runs } from '../../support/runs.js';
import { anyRequest, INPUTS } from './shape-arbitraries.js';

const TEXT = { kind: 'string', min: 0, max: 100 } as const;
const ALL_KINDS = structure({
  S: string({}),
  B: { kind: 'blob', max: 10 },
  I: integer({}),
  F: { kind: 'boolean' },
  T: { kind: 'timestamp' },
  L: list(string({}), { min: 0, max: 10 }),
  M: map(TEXT, TEXT, { min: 0, max: 10 }),
  N: structure({ S: string({}) }),
});

/** Converts a value for the SDK's writer: timestamps as in the service, everything else unchanged. */
function toSdk(value: unknown): unknown {
  if (value instanceof Date) return tag({ tag: 1, value: value.getTime() });
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(toSdk);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toSdk(member)]));
}

function toJson(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toJson(member)]));
}

function read(hex: string): Record<string, unknown> {
  return readCbor(ALL_KINDS, Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

/** Reads a map with one member. */
function member(name: string, hex: string): unknown {
  return read(`a1 61 ${Buffer.from(name).toString('hex')} ${hex}`)[name];
}

function message(hex: string): string {
  try {
    read(hex);
  } catch (error) {
    if (error instanceof ServiceError && error.type === 'SerializationException') return error.message;
    throw error;
  }
  throw new Error('it was read');
}

describe('a request in CBOR', () => {
  test('reads like the same request in JSON, for every operation', () => {
    fc.assert(
      fc.property(anyRequest, ({ shape, request }) => {
        const fromCbor = readCbor(shape, Buffer.from(cbor.serialize(toSdk(request))));
        expect(fromCbor).toEqual(readJson(shape, Buffer.from(JSON.stringify(toJson(request)))));
        expect(fromCbor).toEqual(request);
      }),
      { numRuns: runs(300) },
    );
  });

  test('may have indefinite lengths, chunks and tags', () => {
    expect(read('bf 61 53 7f 61 61 62 62 63 ff 61 42 5f 41 01 42 02 03 ff 61 4c 9f 61 61 7f ff ff ff')).toEqual({
      S: 'abc',
      B: Buffer.from([1, 2, 3]),
      L: ['a', ''],
    });
    expect(read('d9 d9f7 a1 61 53 d8 20 c0 61 61')).toEqual({ S: 'a' });
    expect(read('bf 7f 61 4e ff bf 61 53 61 61 ff ff')).toEqual({ N: { S: 'a' } });
  });

  test('may have integers of any width, also as floats', () => {
    const one = ['01', '18 01', '19 0001', '1a 00000001', '1b 0000000000000001', 'f9 3c00', 'fa 3f800000'];
    for (const hex of [...one, 'fb 3ff8000000000000']) expect(member('I', hex)).toBe(1);
    expect(member('I', '20')).toBe(-1);
    expect(member('I', 'f9 0001')).toBe(0);
    // Beyond 32 bits integers are clamped.
    expect(member('I', '1b ffffffffffffffff')).toBe(2_147_483_647);
    expect(member('I', '3b ffffffffffffffff')).toBe(-2_147_483_648);
    expect(member('I', 'f9 7c00')).toBe(2_147_483_647);
    expect(message('a1 61 49 f9 7e00')).toBe('');
  });

  test('has timestamps in whole milliseconds or fractional seconds', () => {
    expect(member('T', 'c1 1b 0000019b76da8000')).toEqual(new Date(0x19b76da8000));
    expect(member('T', '1b 0000019b76da8000')).toEqual(new Date(0x19b76da8000));
    const at = new Date(1_760_000_000_123);
    const inSeconds = Buffer.from(cbor.serialize({ T: dateToTag(at) }));
    expect(readCbor(ALL_KINDS, inSeconds)).toEqual({ T: at });
    const floatMs = Buffer.alloc(9);
    floatMs[0] = 0xfb;
    floatMs.writeDoubleBE(at.getTime(), 1);
    expect(member('T', floatMs.toString('hex'))).toEqual(at);
    expect(message('a1 61 54 c1 1b ffffffffffffffff')).toMatch(/can not be converted to milliseconds since epoch/);
  });

  test('may have nulls, which count as absent, and unknown members, which are skipped', () => {
    expect(read('a3 61 53 f6 61 4e f7 61 4c 81 f6')).toEqual({ S: undefined, N: undefined, L: [undefined] });
    const unknown = '61 78 bf 61 61 9f 01 f9 3c00 f4 f6 c1 01 ff 61 62 5f 41 00 ff ff';
    expect(read(`a2 ${unknown} 61 53 61 61`)).toEqual({ S: 'a' });
  });

  test('keeps the key __proto__ in maps', () => {
    const request = read('a2 69 5f5f70726f746f5f5f a0 61 4d a1 69 5f5f70726f746f5f5f 61 61');
    expect(Object.keys(request)).toEqual(['M']);
    expect(Object.entries(request.M as object)).toEqual([['__proto__', 'a']]);
  });

  test.each([
    ['a1 61 53 01', 'class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String'],
    ['a1 61 53 41 00', 'class java.nio.HeapByteBuffer can not be converted to an String'],
    ['a1 61 42 61 61', 'class java.lang.String can not be converted to a Blob'],
    ['a1 61 49 f5', 'class java.lang.Boolean can not be converted to an Integer'],
    ['a1 61 46 61 61', "'A' can not be converted to an Boolean"],
    ['a1 61 54 61 61', 'class java.lang.String can not be converted to milliseconds since epoch'],
    ['a1 61 4c 61 61', 'Expected list or null'],
    ['a1 61 4c a0', 'Start of structure or map found where not expected.'],
    ['a1 61 4d 80', 'Start of list found where not expected'],
    ['a1 61 4d 01', 'Expected map or null'],
    ['a1 61 4e 61 61', 'Expected null'],
    ['80', 'Start of list found where not expected'],
  ])('of a wrong type (%s) is refused with the reason', (hex, expected) => {
    expect(message(hex)).toBe(expected);
  });

  test.each([
    ['nothing', ''],
    ['a length beyond its end', 'a1 61 53 7a ffffffff 61'],
    ['a length of 64 bits', 'a1 61 42 5b ffffffffffffffff 00'],
    ['a list of more members than bytes', 'a1 61 4c 9a 00ffffff'],
    ['a map of more members than bytes', 'ba ffffffff'],
    ['something after its end', 'a0 00'],
    ['a break where a value belongs', 'a1 61 53 ff'],
    ['a break after a key', 'bf 61 53 ff'],
    ['a reserved length', 'a1 61 53 7c'],
    ['a number without length', 'a1 61 49 1f'],
    ['a chunk of another kind', 'a1 61 53 7f 41 61 ff'],
    ['a chunk without length', 'a1 61 53 7f 7f ff ff'],
    ['a key that is not text', 'a1 01 01'],
    ['an unknown simple value', 'a1 61 78 f8 20'],
    ['no end', 'bf 61 53 61 61'],
    ['a tag without a value', 'a1 61 53 c1'],
  ])('with %s is refused', (_, hex) => {
    expect(message(hex)).toBe('');
  });

  test('nested a hundred thousand times is refused, in lists, maps or tags', () => {
    for (const [open, end] of [
      ['81', '00'],
      ['9f', ''],
      ['a1 61 78', '00'],
      ['c1', ''],
    ] as const) {
      expect(message(`a1 61 78 ${open.repeat(100_000)} ${end}`)).toBe('');
    }
  });

  test('cut off at any point is refused', () => {
    fc.assert(
      fc.property(
        anyRequest,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        ({ shape, request }, at) => {
          const whole = Buffer.from(cbor.serialize(toSdk(request)));
          expect(() => readCbor(shape, whole.subarray(0, Math.floor(whole.length * at)))).toThrow(ServiceError);
        },
      ),
    );
  });

  test('of random bytes is read or refused', () => {
    fc.assert(
      fc.property(fc.constantFrom(...INPUTS), fc.uint8Array({ maxLength: 200 }), (shape, bytes) => {
        try {
          readCbor(shape, Buffer.from(bytes));
        } catch (error) {
          expect(error).toMatchObject({ type: 'SerializationException' });
        }
      }),
      { numRuns: runs(2000) },
    );
  });
});

describe('a response in CBOR', () => {
  const scalar = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.integer({ min: 0, max: 4e12 }).map((ms) => new Timestamp(ms)),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => new Blob(Buffer.from(bytes))),
  );
  // The SDK's reader assigns keys to an object, so it loses this one.
  const name = fc.string().filter((key) => key !== '__proto__');
  const { output } = fc.letrec<{ output: Output }>((tie) => ({
    output: fc.oneof(
      { maxDepth: 4 },
      scalar,
      fc.array(tie('output')),
      fc.dictionary(name, fc.option(tie('output'), { nil: undefined })),
    ),
  }));

  test('is read back by the SDK', () => {
    fc.assert(
      fc.property(output, (value) => {
        expect(fromSdk(cbor.deserialize(writeCbor(value)))).toEqual(plain(value));
      }),
    );
  });

  test('has maps and lists of indefinite length, and timestamps in whole milliseconds', () => {
    const bytes = writeCbor({
      A: [1],
      T: new Timestamp(1_760_000_000_123.4),
      B: new Blob(Buffer.from([7])),
      U: undefined,
    });
    expect(bytes.toString('hex')).toBe('bf61419f01ff6154c11b00000199c82cc07b614241' + '07ff');
  });

  function plain(value: Output): unknown {
    if (value instanceof Timestamp) return new Date(value.ms);
    if (value instanceof Blob) return new Uint8Array(value.bytes);
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== 'object') return Object.is(value, -0) ? 0 : value;
    return members(value, plain as (member: unknown) => unknown);
  }

  function fromSdk(value: unknown): unknown {
    if (value instanceof Uint8Array) return new Uint8Array(value);
    if (Array.isArray(value)) return value.map(fromSdk);
    if (typeof value === 'bigint') return Number(value);
    if (typeof value !== 'object' || value === null) return value;
    if ('tag' in value && 'value' in value && Object.getOwnPropertySymbols(value).length > 0) {
      return new Date(Number(value.value));
    }
    return members(value, fromSdk);
  }

  function members(value: object, of: (member: unknown) => unknown): unknown {
    const entries = Object.entries(value).filter(([, member]) => member !== undefined);
    return Object.fromEntries(entries.map(([name, member]) => [name, of(member)]));
  }
});
