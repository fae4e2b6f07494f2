import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShardSeconds } from '../../src/measure/shard-seconds.js';
import { runs } from '../support/runs.js';

const sum = (values: readonly number[] | null) => (values ?? []).reduce((a, b) => a + b, 0);
const took = (sent: number, throttled = 0) => ({ sent, bytes: 10 * sent, throttled });

describe('what shards took over time', () => {
  it('adds up, in steps that are as short as the bounds allow', () => {
    const counts = fc.record({
      second: fc.oneof(fc.nat(200), fc.nat(5_000_000)),
      shard: fc.nat(99),
      sent: fc.nat(1000),
      throttled: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(counts, { minLength: 1, maxLength: 60 }), (all) => {
        const seconds = new ShardSeconds(64, 1000);
        for (const { second, shard, ...one } of all) seconds.add(second, `s${shard}`, took(one.sent, one.throttled));
        const ids = Array.from({ length: 100 }, (_, i) => `s${i}`);
        const { stepSeconds, shards, others } = seconds.overTime(ids)!;
        const last = Math.max(...all.map(({ second }) => second));
        expect(Math.log2(stepSeconds) % 1).toBe(0);
        expect(last / stepSeconds).toBeLessThan(64);
        expect(shards).toHaveLength(64);
        for (const { id, sent, throttled } of shards) {
          const ofIt = all.filter(({ shard }) => `s${shard}` === id);
          for (const [step, count] of sent.entries()) {
            const inStep = ofIt.filter(({ second }) => Math.floor(second / stepSeconds) === step);
            expect(count).toBe(sum(inStep.map((one) => one.sent)));
          }
          expect(sum(throttled)).toBe(sum(ofIt.map((one) => one.throttled)));
        }
        expect(others!.count).toBe(36);
        expect(sum(shards.map(({ sent }) => sum(sent))) + sum(others!.sent)).toBe(sum(all.map((one) => one.sent)));
      }),
      { numRuns: runs(100) },
    );
  });

  it('names the hottest first, and those that took nothing last', () => {
    const seconds = new ShardSeconds();
    seconds.add(0, 'a', took(5));
    seconds.add(2, 'b', took(1, 9));
    expect(seconds.overTime(['c', 'a', 'b'])).toEqual({
      stepSeconds: 1,
      shards: [
        { id: 'b', sent: [0, 0, 1], throttled: [0, 0, 9] },
        { id: 'a', sent: [5, 0, 0], throttled: null },
        { id: 'c', sent: [0, 0, 0], throttled: null },
      ],
      others: null,
    });
    expect(seconds.overTime(['a'])).toBeNull();
  });

  it('is known for each of the last seconds, also of a worker that reports late', () => {
    const seconds = new ShardSeconds();
    seconds.add(100, 'a', took(7));
    seconds.add(99, 'b', took(2, 1));
    seconds.add(99, 'b', took(1));
    expect(seconds.countsIn(99, 'b')).toEqual({ sent: 3, bytes: 30, throttled: 1 });
    expect(seconds.countsIn(99, 'a')).toEqual({ sent: 0, bytes: 0, throttled: 0 });
    expect(seconds.countsIn(100, 'a')).toEqual({ sent: 7, bytes: 70, throttled: 0 });
    expect(seconds.countsIn(98, 'unheard of')).toEqual({ sent: 0, bytes: 0, throttled: 0 });
  });
});
