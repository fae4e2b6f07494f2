import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RefusedKeys } from '../../src/measure/refused-keys.js';

it('a key with more than a sixteenth of all refusals is listed, and no count is too high', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 40 }), { maxLength: 2000 }), fc.nat({ max: 40 }), (others, hot) => {
      const refusals = others.flatMap((key) => [key, hot, hot]);
      const refused = new RefusedKeys();
      for (const key of refusals) refused.add(String(key), 's');
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
