import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatKloadRecord, type KloadRecord } from '../../src/core/kload-record.js';
import { fileOf, open, readText } from './support.js';

const record: fc.Arbitrary<KloadRecord> = fc.record({
  key: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((key) => [...key].length <= 256),
  explicitHashKey: fc.option(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map(String), { nil: undefined }),
  data: fc.oneof(
    fc.uint8Array({ maxLength: 50 }),
    fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(`\ufeff${text}"\n`)),
  ),
  recordedAtMs: fc.oneof(
    fc.constant(Number.NaN),
    fc.integer({ min: 0, max: 4e15 }).map((micros) => micros / 1000),
  ),
  error: fc.option(fc.record({ code: fc.string(), message: fc.string() }), { nil: undefined }),
});

describe('kload records', () => {
  it('are read as they were written', { timeout: 30_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 1, max: 200 }),
        async (all, chunkBytes) => {
          const source = await open([fileOf('dead-letters.ndjson', all.map(formatKloadRecord).join(''))], {
            chunkBytes,
          });
          const read: KloadRecord[] = [];
          for await (const block of source.blocks()) {
            expect(block.bad).toEqual([]);
            for (let at = 0; at < block.count; at++) {
              const key = Buffer.from(block.bytes.subarray(block.keyStart[at], block.keyEnd[at])).toString();
              const data = block.bytes.slice(block.dataStart[at], block.dataEnd[at]);
              const hashKey = block.bytes.subarray(block.extraStart[at], block.extraEnd[at]);
              const explicitHashKey = block.extraBytes(at) === 0 ? undefined : Buffer.from(hashKey).toString();
              read.push({ key, explicitHashKey, data: new Uint8Array(data), recordedAtMs: block.recordedAtMs[at]! });
            }
          }
          expect(read).toEqual(
            all.map(({ key, explicitHashKey, data, recordedAtMs }) => ({
              key,
              explicitHashKey,
              data: new Uint8Array(data),
              recordedAtMs: expectedTime(recordedAtMs),
            })),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it('are plain lines of JSON', () => {
    const recordedAtMs = Date.parse('2026-01-02T03:04:05.123Z') + 0.456;
    expect(
      formatKloadRecord({ key: 'k', data: Buffer.from('a\n"é"'), recordedAtMs, error: { code: 'X', message: 'no' } }),
    ).toBe(
      '{"schema":"kload.record/1","partitionKey":"k","data":"a\\n\\"é\\"","timestamp":"2026-01-02T03:04:05.123456Z","error":{"code":"X","message":"no"}}\n',
    );
    expect(formatKloadRecord({ key: 'k', data: Uint8Array.of(255, 0), recordedAtMs: Number.NaN })).toBe(
      '{"schema":"kload.record/1","partitionKey":"k","dataBase64":"/wA="}\n',
    );
    expect(formatKloadRecord({ key: 'k', data: Uint8Array.of(), recordedAtMs: 1e15 })).not.toContain('timestamp');
  });

  it('are found by their content, not by the name', async () => {
    const line = formatKloadRecord({ key: 'k', data: Buffer.from('d'), recordedAtMs: Number.NaN });
    for (const name of ['letters', 'letters.csv', 'letters.json']) {
      expect((await readText(name, line)).records).toMatchObject([{ data: 'd', key: 'k' }]);
    }
    expect((await readText('letters.ndjson', line, { format: 'ndjson' })).records).toMatchObject([
      { data: line.trim(), key: undefined },
    ]);
  });

  it.each([
    ['{"schema":"kload.record/2"}', 'schema is not kload.record/1'],
    ['{}', 'schema is not kload.record/1'],
    ['7', 'not a JSON object'],
    ['{"a', 'invalid JSON: unterminated string at position 3'],
    ['{"schema":"kload.record/1","data":""}', 'partitionKey is missing or not a string'],
    ['{"schema":"kload.record/1","partitionKey":"","data":""}', 'partitionKey is empty'],
    ['{"schema":"kload.record/1","partitionKey":"k","explicitHashKey":7,"data":""}', 'explicitHashKey is not a string'],
    [
      '{"schema":"kload.record/1","partitionKey":"k","explicitHashKey":"0x7","data":""}',
      "explicit hash key '0x7' of the record is no whole number from 0 to 2^128 - 1, in decimal",
    ],
    [
      `{"schema":"kload.record/1","partitionKey":"${'x'.repeat(257)}","data":""}`,
      'partitionKey has 257 characters, the limit is 256',
    ],
    ['{"schema":"kload.record/1","partitionKey":"k"}', 'data is missing'],
    ['{"schema":"kload.record/1","partitionKey":"k","data":7}', 'data is not a string'],
    [
      '{"schema":"kload.record/1","partitionKey":"k","data":"","dataBase64":""}',
      'data and dataBase64 exclude each other',
    ],
    ['{"schema":"kload.record/1","partitionKey":"k","dataBase64":"a-b="}', 'dataBase64 is not base64'],
    ['{"schema":"kload.record/1","partitionKey":"k","data":""}', 'timestamp is missing'],
    [
      '{"schema":"kload.record/1","partitionKey":"k","data":"","timestamp":"soon"}',
      `timestamp 'soon' of the record is not RFC 3339 or an epoch number`,
    ],
  ])('%s is a bad record', async (line, reason) => {
    const good = formatKloadRecord({ key: 'k', data: Buffer.from('d'), recordedAtMs: 0 });
    const result = await readText('l.ndjson', `${good}${line}\n${good}`, { needsTimestamp: true });
    expect(result.bad).toEqual([`l.ndjson:2: ${reason}`]);
    expect(result.records).toHaveLength(2);
  });

  it('must be valid UTF-8', async () => {
    const good = formatKloadRecord({ key: 'k', data: Buffer.from('d'), recordedAtMs: 0 });
    const result = await readText('u.ndjson', Buffer.concat([Buffer.from(good), Buffer.from([0x22, 0xff, 0x22])]));
    expect(result.bad).toEqual(['u.ndjson:2: the line is not valid UTF-8']);
  });
});

/** Microseconds are kept. */
function expectedTime(ms: number): unknown {
  return Number.isNaN(ms) ? ms : expect.closeTo(ms, 2);
}
