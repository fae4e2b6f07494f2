import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SmallSet } from '../../../src/run/worker/small-set.js';

it('has the same members as a Set, in the same order', () => {
  const steps = fc.array(fc.record({ member: fc.nat({ max: 6 }), isGone: fc.boolean() }));
  fc.assert(
    fc.property(steps, (taken) => {
      const few = new SmallSet<number>();
      const set = new Set<number>();
      for (const { member, isGone } of taken) {
        if (isGone) few.delete(member);
        else if (!set.has(member)) few.add(member);
        if (isGone) set.delete(member);
        else set.add(member);
        expect([...few]).toEqual([...set]);
        expect(few.size).toBe(set.size);
      }
    }),
  );
});
