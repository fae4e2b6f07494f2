import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bucketsOf } from '../../src/measure/encoded.js';
import { LatencyHistogram } from '../../src/measure/latency.js';
import { bucketOf, LatencyCounts } from '../../src/measure/latency-counts.js';

it('finds the buckets that were encoded', () => {
  const times = fc.array(
    fc.tuple(
      fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 1e11 })),
      fc.integer({ min: 1, max: 1e7 }),
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(times, (recorded) => {
      const counts = new LatencyCounts();
      const wanted = new Map<number, number>();
      for (const [us, count] of recorded) {
        counts.record(us / 1000, count);
        const index = bucketOf(Math.max(1, Math.round((us / 1000) * 1000)));
        wanted.set(index, (wanted.get(index) ?? 0) + count);
      }
      const histogram = new LatencyHistogram();
      histogram.add(counts.take());
      const found = bucketsOf(histogram.encoded());
      expect([...found.indexes].map((index, i) => [index, found.counts[i]])).toEqual(
        [...wanted].sort(([a], [b]) => a - b),
      );
      const decoded = LatencyHistogram.decode(histogram.encoded()).percentiles();
      if (decoded.count > 0) expect(found.sumUs / decoded.count / 1000 / decoded.mean).toBeCloseTo(1, 2);
    }),
  );
});

it('refuses what is not a histogram', () => {
  const encoded = new LatencyHistogram().encoded();
  const bytes = Buffer.from(encoded, 'base64');
  for (const text of ['', 'AAAA', 'x'.repeat(100), bytes.subarray(0, 12).toString('base64')]) {
    expect(() => bucketsOf(text)).toThrow();
  }
  const inner = Buffer.alloc(48);
  inner.writeInt32BE(0x1c849313, 0);
  inner.writeInt32BE(8, 4);
  inner.writeInt32BE(2, 12);
  const ofTwoDigits = Buffer.concat([bytes.subarray(0, 8), deflateSync(inner)]).toString('base64');
  expect(() => bucketsOf(ofTwoDigits)).toThrow('three digits');
});
