import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatKloadRecord } from '../../src/core/kload-record.js';
import type { StreamRecord } from '../../src/core/stream-record.js';
import { printableData, recordFormatter } from '../../src/tail/record-format.js';

function recordOf(data: string | Uint8Array, given: Partial<StreamRecord> = {}): StreamRecord {
  const arrivedAtMs = Date.parse('2026-01-02T03:04:05.123Z');
  const base = { shardId: 'shardId-000000000012', sequenceNumber: '495', key: 'k', arrivedAtMs };
  return { ...base, data: typeof data === 'string' ? Buffer.from(data) : data, ...given };
}

describe('a record as text', () => {
  it.each([
    ['{"a":1}', '{"a":1}'],
    ['ends with a line feed\n', 'ends with a line feed'],
    ['two\nlines\r\n', 'two\\nlines'],
    ['a\ttab', 'a\ttab'],
    ['日本 👩‍👩‍👧', '日本 👩‍👩‍👧'],
    ['', ''],
    ['\u001b[2J', 'base64:G1sySg=='],
    ['\u009b2J', 'base64:wpsySg=='],
    ['right\u202eleft', 'base64:cmlnaHTigK5sZWZ0'],
    [Uint8Array.of(0, 255), 'base64:AP8='],
  ])('shows %j as %j', (data, shown) => {
    expect(printableData(Buffer.from(data as string))).toBe(shown);
  });

  it('is one line without terminal control characters, whatever the record contains', () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(bytes, fc.string({ unit: 'binary', minLength: 1 }), (data, key) => {
        const line = recordFormatter('text', undefined, false)([recordOf(data, { key })]) as string;
        expect(line.replaceAll('\t', '')).toMatch(/^\P{Cc}*\n$/u);
      }),
    );
  });

  it('has aligned columns, and colours only if they are wanted', () => {
    const plain = recordFormatter('text', undefined, false);
    expect(plain([recordOf('a', { key: 'user-17' })])).toBe('2026-01-02T03:04:05.123Z  12  user-17  a\n');
    expect(plain([recordOf('b', { shardId: 'shardId-000000000003', key: 'x' })])).toBe(
      '2026-01-02T03:04:05.123Z   3  x        b\n',
    );
    expect(plain([recordOf('c', { arrivedAtMs: Number.NaN })])).toMatch(/^- {23} {2}12 {2}k {8}c\n$/);
    const painted = recordFormatter('text', undefined, true)([recordOf('a')]) as string;
    expect(painted).toContain('\u001b[');
    expect(stripVTControlCharacters(painted)).toBe('2026-01-02T03:04:05.123Z  12  k  a\n');
  });
});

describe('a record in another format', () => {
  it('is a line that kload run can read, with its shard and sequence number', () => {
    expect(JSON.parse(String(recordFormatter('ndjson', undefined, false)([recordOf('d')])))).toEqual({
      schema: 'kload.record/1',
      partitionKey: 'k',
      data: 'd',
      timestamp: '2026-01-02T03:04:05.123000Z',
      shardId: 'shardId-000000000012',
      sequenceNumber: '495',
    });
  });

  it('is a line with its headers, partition and offset, with or without key and value', () => {
    const headers = [
      { name: 'trace', value: Buffer.from('t-1') },
      { name: 'trace', value: null },
      { name: 'raw', value: Uint8Array.of(255) },
    ];
    const from = { shardId: '3', sequenceNumber: '17', headers };
    const line = recordFormatter('ndjson', 'orders', false)([recordOf('d', { ...from, key: Uint8Array.of(0, 255) })]);
    expect(JSON.parse(String(line))).toEqual({
      schema: 'kload.record/1',
      partitionKeyBase64: 'AP8=',
      data: 'd',
      headers: { trace: ['t-1', null], raw: { base64: '/w==' } },
      timestamp: '2026-01-02T03:04:05.123000Z',
      ...{ topic: 'orders', partition: 3, offset: 17 },
    });
    const nothing = { ...recordOf('', { shardId: '3', sequenceNumber: '17' }), key: null, data: null };
    expect(JSON.parse(String(recordFormatter('ndjson', 'orders', false)([nothing])))).toMatchObject({
      partitionKey: null,
      data: null,
    });
    expect(recordFormatter('text', 'orders', false)([nothing])).toBe('2026-01-02T03:04:05.123Z  3  null  null\n');
    expect(recordFormatter('raw', 'orders', false)([nothing])).toEqual(Buffer.from('\n'));
  });

  it('is the same line in NDJSON, byte for byte, however it is written', () => {
    const lines = recordFormatter('ndjson', undefined, false);
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());
    const record = fc.record({
      shardId: fc.oneof(fc.constant('shardId-000000000003'), text),
      sequenceNumber: fc.oneof(fc.constant('49590338271490256608559692538361571095921575989136588898'), text),
      key: text,
      data: fc.oneof(
        text.map((one) => Buffer.from(one)),
        fc.uint8Array(),
        fc.uint8Array({ min: 1, max: 0x7f, maxLength: 300 }),
      ),
      arrivedAtMs: fc.oneof(fc.constantFrom(Number.NaN, 1e18), fc.integer({ min: 0, max: 2 ** 42 })),
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), (records) => {
        const expected = records.map(({ arrivedAtMs, ...rest }) =>
          formatKloadRecord({ ...rest, recordedAtMs: arrivedAtMs }),
        );
        expect(String(lines(records))).toBe(expected.join(''));
      }),
    );
  });

  it('is its raw bytes and a line feed', () => {
    expect(recordFormatter('raw', undefined, false)([recordOf(Uint8Array.of(0, 255))])).toEqual(
      Buffer.from([0, 255, 10]),
    );
  });
});
