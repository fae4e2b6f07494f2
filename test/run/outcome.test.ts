import { expect, it } from 'vitest';
import { EndCause } from '../../src/run/outcome.js';

it('the first cause counts, except that what goes wrong after an abort wins over the threshold', () => {
  const codeOf = (...exits: Parameters<EndCause['set']>[0][]): number => {
    const cause = new EndCause();
    for (const exit of exits) cause.set(exit, exit);
    return cause.outcome(0, []).exitCode;
  };
  expect(codeOf('target', 'threshold')).toBe(4);
  expect(codeOf('interrupted', 'target')).toBe(130);
  expect(codeOf('threshold', 'interrupted')).toBe(99);
  expect(codeOf('threshold', 'target')).toBe(4);
  expect(codeOf('threshold', 'output', 'target')).toBe(6);
});
