import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EarlierLegs } from '../../../src/run/checkpoint/earlier-legs.js';
import { Ordinals } from '../../../src/run/checkpoint/ordinals.js';

const ordinalSet = fc.uniqueArray(fc.nat(60), { maxLength: 50 }).map((list) => new Set(list));

function listed(set: Ordinals): number[] {
  return [...set.ranges()].flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i));
}

function sorted(set: Iterable<number>): number[] {
  return [...set].sort((a, b) => a - b);
}

const ordinalsOf = (set: Iterable<number>) => Ordinals.merged([Float64Array.from(sorted(set))]);

describe('a set of ordinals', () => {
  it('holds the ordinals of all its lists, in ranges that do not touch', () => {
    fc.assert(
      fc.property(ordinalSet, fc.array(fc.nat(3), { minLength: 61, maxLength: 61 }), (set, workers) => {
        const lists = [0, 1, 2, 3].map((worker) => sorted(set).filter((one) => workers[one] === worker));
        const ordinals = Ordinals.merged(lists.map((list) => Float64Array.from(list)));
        expect(listed(ordinals)).toEqual(sorted(set));
        expect(ordinals.count).toBe(set.size);
        const ranges = [...ordinals.ranges()];
        for (const [at, [from, to]] of ranges.entries()) {
          expect(to).toBeGreaterThan(from);
          if (at > 0) expect(from).toBeGreaterThan(ranges[at - 1]![1]);
        }
      }),
    );
  });

  it('is parsed from its stretches, also through JSON', () => {
    fc.assert(
      fc.property(ordinalSet, (set) => {
        const stretches: unknown = JSON.parse(JSON.stringify(ordinalsOf(set).stretches()));
        expect(listed(Ordinals.fromStretches(stretches, 61)!)).toEqual(sorted(set));
        if (set.size > 0) expect(Ordinals.fromStretches(stretches, Math.max(...set))).toBeUndefined();
      }),
    );
  });

  it.each([[null], ['1,2'], [[1]], [[0, 0]], [[1, -2]], [[1, 2, 0, 3]], [[1.5, 2]], [[1, '2']], [[1, null]]])(
    'is not parsed from %j',
    (stretches) => {
      expect(Ordinals.fromStretches(stretches, 1000)).toBeUndefined();
    },
  );

  it('can be split at any ordinal and joined again', () => {
    fc.assert(
      fc.property(ordinalSet, fc.nat(62), (set, at) => {
        const later = ordinalsOf(set).from(at);
        expect(listed(later)).toEqual(sorted(set).filter((one) => one >= at));
        const earlier = ordinalsOf([...set].filter((one) => one < at));
        const whole = earlier.followedBy(later);
        expect(whole.stretches()).toEqual(ordinalsOf(set).stretches());
        expect(whole.count).toBe(set.size);
      }),
    );
  });
});

describe('the earlier legs of a run', () => {
  it('know for each record whether it is settled, and how many after it', () => {
    fc.assert(
      fc.property(ordinalSet, fc.nat(20), fc.infiniteStream(fc.integer({ min: 1, max: 7 })), (set, more, steps) => {
        const next = Math.max(-1, ...set) + 1 + more;
        const earlier = new EarlierLegs(next, ordinalsOf(set));
        const isSettled = (ordinal: number) => ordinal < next && !set.has(ordinal);
        for (let ordinal = 0; ordinal < next + 10; ) {
          const settled = earlier.settledFrom(ordinal);
          for (let i = 0; i < settled; i++) expect(isSettled(ordinal + i)).toBe(true);
          expect(isSettled(ordinal + settled)).toBe(false);
          if (settled === 0) {
            const unsettled = earlier.unsettledFrom(ordinal);
            const seen = Math.min(unsettled, 100);
            for (let i = 0; i < seen; i++) expect(isSettled(ordinal + i)).toBe(false);
            const isKnown = ordinal + unsettled < next;
            if (isKnown) expect(isSettled(ordinal + unsettled)).toBe(true);
            ordinal += Math.min(unsettled, steps.next().value ?? 1);
          } else ordinal += Math.min(settled, steps.next().value ?? 1);
        }
      }),
    );
  });
});
