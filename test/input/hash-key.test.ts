import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashKeyDigits } from '../../src/core/hash-key.js';
import { fileOf, read, readText, textOf } from './support.js';

const LAST = 2n ** 128n - 1n;
const NO_HASH_KEY = 'is not a whole number from 0 to 2^128 - 1, in decimal';

describe('the digits of a hash key', () => {
  it('are those of a whole number below 2^128, without leading zeros', () => {
    const around = fc.bigInt({ min: -3n, max: 3n }).map((by) => LAST + by);
    const number = fc.oneof(fc.bigInt({ min: 0n, max: 10n * LAST }), around, fc.constant(0n));
    fc.assert(
      fc.property(number, fc.integer({ min: 0, max: 50 }), (value, zeros) => {
        const text = Buffer.from(`#${'0'.repeat(zeros)}${value}#`);
        const start = hashKeyDigits(text, 1, text.length - 1);
        expect(start < 0 ? undefined : text.toString('utf8', start, text.length - 1)).toBe(
          value <= LAST ? String(value) : undefined,
        );
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['', ' ', '-1', '+1', '1.0', '1e3', '0x10', '1 ', '１', 'a'])("are not accepted in '%s'", (text) => {
    const bytes = Buffer.from(text);
    expect(hashKeyDigits(bytes, 0, bytes.length)).toBe(-1);
  });
});

describe('--explicit-hash-key-field', () => {
  it('reads a CSV column, which is then not used for times', async () => {
    const csv = `d,h,k\nx,0,a\ny,"${LAST}",b\nz,0070,c\n`;
    const { records } = await readText('h.csv', csv, { explicitHashKeyField: 'h', partitionKeyField: 'k' });
    expect(records.map(({ data, key, hashKey, recordedAtMs }) => [data, key, hashKey, recordedAtMs])).toEqual([
      ['x', 'a', '0', Number.NaN],
      ['y', 'b', String(LAST), Number.NaN],
      ['z', 'c', '70', Number.NaN],
    ]);
  });

  it('reads strings and numbers of NDJSON, digit by digit', async () => {
    const lines = [`{"h":"${LAST}"}`, `{"h":${LAST}}`, '{"h":0}'];
    const { records } = await readText('h.ndjson', lines.join('\n'), { explicitHashKeyField: '.h' });
    expect(records.map(({ data, hashKey }) => [data, hashKey])).toEqual([
      [lines[0], String(LAST)],
      [lines[1], String(LAST)],
      [lines[2], '0'],
    ]);
  });

  it('has bad records for unusable hash keys, with the reason', async () => {
    const csv = `d,h\na,\nb,${LAST + 1n}\nc,12ab\nd,${'9'.repeat(99)}\ne,1\n`;
    const rows = await readText('bad.csv', csv, { explicitHashKeyField: 'h' });
    expect(rows.bad).toEqual([
      `bad.csv:2: explicit hash key '' in column 'h' ${NO_HASH_KEY}`,
      `bad.csv:3: explicit hash key '${LAST + 1n}' in column 'h' ${NO_HASH_KEY}`,
      `bad.csv:4: explicit hash key '12ab' in column 'h' ${NO_HASH_KEY}`,
      `bad.csv:5: explicit hash key '${'9'.repeat(60)}…' in column 'h' ${NO_HASH_KEY}`,
    ]);
    expect(rows.records).toMatchObject([{ data: 'e', hashKey: '1' }]);
    const lines = await readText('bad.ndjson', '{}\n{"h":null}\n{"h":[1]}\n{"h":1.5}\n', { explicitHashKeyField: 'h' });
    expect(lines.bad).toEqual([
      "bad.ndjson:1: explicit hash key at 'h' is missing",
      `bad.ndjson:2: explicit hash key 'null' at 'h' ${NO_HASH_KEY}`,
      `bad.ndjson:3: explicit hash key '[1]' at 'h' ${NO_HASH_KEY}`,
      `bad.ndjson:4: explicit hash key '1.5' at 'h' ${NO_HASH_KEY}`,
    ]);
  });

  it('is refused for a missing column, for kload records, and for data that is decoded', async () => {
    const absent = await readText('h.csv', 'a,b\n1,2\n', { explicitHashKeyField: 'hash' });
    expect(textOf(absent.error)).toBe(
      "input: h.csv: no column 'hash' for --explicit-hash-key-field (the columns are 'a', 'b')",
    );
    const line = '{"schema":"kload.record/1","partitionKey":"k","explicitHashKey":"7","data":"x"}\n';
    const kload = await readText('k.ndjson', line, { explicitHashKeyField: 'h' });
    expect(textOf(kload.error)).toMatch(/usage: .*bring their own fields: --explicit-hash-key-field has no effect/);
    const same = await readText('s.csv', 'h\n1234\n', { explicitHashKeyField: 'h', dataEncoding: 'hex' });
    expect(textOf(same.error)).toMatch(/usage: s\.csv: the hash key is part of the data/);
  });

  it('stays with its record when others are outside of the part that is read', async () => {
    const line = (second: number, more: object) =>
      JSON.stringify({
        schema: 'kload.record/1',
        partitionKey: 'k',
        ...more,
        data: `${second}`,
        timestamp: `2026-01-01T00:00:0${second}Z`,
      });
    const lines = [line(0, { explicitHashKey: '70' }), line(1, {}), line(2, { explicitHashKey: '72' }), line(3, {})];
    const { records } = await readText('part.ndjson', lines.join('\n'), {
      needsTimestamp: true,
      part: { from: { ms: 1000, sinceFirst: true }, to: undefined },
    });
    expect(records.map(({ data, hashKey }) => [data, hashKey])).toEqual([
      ['1', undefined],
      ['2', '72'],
      ['3', undefined],
    ]);
  });

  it('stays with its record when data is decoded, and does not leak into the next file', async () => {
    const line = '{"schema":"kload.record/1","partitionKey":"k","explicitHashKey":"7","data":"x"}\n';
    const { records: first } = await readText('one.csv', 'd,h\n6869,5\n', {
      explicitHashKeyField: 'h',
      dataEncoding: 'hex',
    });
    expect(first).toMatchObject([{ data: 'hi', hashKey: '5' }]);
    const plain = line.replace('"explicitHashKey":"7",', '');
    const files = [line, plain].map((text, at) => fileOf(`${at}.ndjson`, text));
    const { records } = await read(files);
    expect(records.map(({ hashKey }) => hashKey)).toEqual(['7', undefined]);
  });
});
