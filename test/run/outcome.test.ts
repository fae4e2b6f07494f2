import { expect, it } from 'vitest';
import { EndCause } from '../../src/run/outcome.js';

it('the first cause counts, except that what goes wrong after an abort wins over the threshold', () => {
  const codeOf = (...exits: Parameters<EndCause['set']>[0][]): number => {
    const cause = new EndCause();
    for (const exit of exits) cause.set(exit, exit);
    return cause.outcome(0, 0, []).exitCode;
  };
  expect(codeOf('target', 'threshold')).toBe(4);
  expect(codeOf('interrupted', 'target')).toBe(130);
  expect(codeOf('threshold', 'interrupted')).toBe(99);
  expect(codeOf('threshold', 'target')).toBe(4);
  expect(codeOf('threshold', 'output', 'target')).toBe(6);
  expect(codeOf('ok', 'interrupted')).toBe(0);
  expect(codeOf('ok', 'target')).toBe(4);
});

it('a run that the clock ended is good unless records failed or stayed unsent, and thresholds win', () => {
  const crossed = { threshold: 'behind < 1s', ok: false, value: 2, got: '2 s', shard: null, since: 0 };
  const outcomeOf = (failed: number, unsent: number, thresholds = [crossed].slice(1)) => {
    const cause = new EndCause();
    cause.set('ok', 'the time is over');
    return cause.outcome(failed, unsent, thresholds);
  };
  expect(outcomeOf(0, 0)).toMatchObject({ exitCode: 0, reason: 'the time is over' });
  expect(outcomeOf(0, 1200)).toMatchObject({ exitCode: 5, reason: 'the time is over: 1,200 unsent' });
  expect(outcomeOf(2, 3)).toMatchObject({ exitCode: 5, reason: 'the time is over: 2 failed, 3 unsent' });
  expect(outcomeOf(0, 3, [crossed])).toMatchObject({ exitCode: 99, reason: expect.stringContaining('behind < 1s') });
});
