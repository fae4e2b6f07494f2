import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RefusedKeys } from '../../src/measure/refused-keys.js';

it('a key with more than a sixteenth of all refusals is listed, and no count is too high', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 40 }), { maxLength: 2000 }), fc.nat({ max: 40 }), (others, hot) => {
      const refusals = others.flatMap((key) => [key, hot, hot]);
      const refused = new RefusedKeys();
      for (const key of refusals) refused.add({ key: String(key), explicitHashKey: undefined }, 's');
      const listed = refused.list();
      expect(listed.length).toBeLessThanOrEqual(16);
      for (const { key, refused: count } of listed) {
        expect(count).toBeLessThanOrEqual(refusals.filter((other) => String(other) === key).length);
      }
      if (refusals.length > 0) {
        const most = listed.reduce((a, b) => (b.refused > a.refused ? b : a));
        expect(most.key).toBe(String(hot));
      }
    }),
    { numRuns: 50 },
  );
});

it('an explicit hash key is counted in place of the partition key, and apart from one that looks the same', () => {
  const refused = new RefusedKeys();
  for (const key of ['a', 'b']) refused.add({ key, explicitHashKey: '7' }, 's');
  refused.add({ key: '7', explicitHashKey: undefined }, 's');
  expect(refused.list()).toEqual([
    { key: '7', isHashKey: true, shard: 's', refused: 2 },
    { key: '7', isHashKey: false, shard: 's', refused: 1 },
  ]);
});
