import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecordsResult } from '../../src/emulator/actions/records-result.js';
import { RecordBatch } from '../../src/emulator/store/record-batch.js';
import { RecordLog } from '../../src/emulator/store/record-log.js';
import { RecordPage } from '../../src/emulator/store/record-page.js';
import { SegmentPool } from '../../src/emulator/store/segment-pool.js';
import { ShardSequence } from '../../src/emulator/store/sequence-number.js';

const records = fc.array(
  fc.record({
    key: fc.oneof(
      fc.string({ minLength: 1, maxLength: 20 }),
      fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
      fc.string({ minLength: 1, maxLength: 10, unit: fc.constantFrom('"', '\\', '\n', '\u0001', '\u2028', 'é', 'a') }),
    ),
    data: fc.oneof(fc.uint8Array({ maxLength: 50 }), fc.uint8Array({ minLength: 180, maxLength: 210 })),
    pauseMs: fc.nat({ max: 1500 }),
  }),
  { maxLength: 200 },
);

describe('the response to GetRecords', () => {
  test('equals JSON.stringify of its output, byte by byte', () => {
    fc.assert(
      fc.property(records, fc.nat({ max: 5 }), (all, skipped) => {
        const log = new RecordLog(new SegmentPool(1e9));
        let now = 1_760_000_000_000;
        for (const { key, data, pauseMs } of all) {
          now += pauseMs;
          const batch = RecordBatch.take();
          batch.add(key, data, undefined);
          log.append(batch, 0, now);
          batch.release();
        }
        const page = new RecordPage(log.read(1 + skipped, 10_000, 1e9), new ShardSequence(1_760_000_000, 7));
        const rest = { NextShardIterator: 'next', ChildShards: undefined, MillisBehindLatest: 17 };
        const encryptionAt = (atMs: number) => (atMs % 3 === 0 ? 'KMS' : undefined);
        const result = new RecordsResult(page, encryptionAt, rest);
        expect(result.toJsonBytes().toString()).toBe(JSON.stringify(result.toOutput()));
      }),
      { numRuns: 100 },
    );
  });
});
