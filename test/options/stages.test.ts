import { describe, expect, it } from 'vitest';
import { arrival, stages } from '../../src/options/stages.js';
import type { ReadValue, ValueError } from '../../src/options/values.js';

/** The value, or the error message. */
function read<T>(schema: ReadValue<T>, given: string): T | string {
  try {
    return schema(given);
  } catch (error) {
    return `refused: ${(error as ValueError).message}`;
  }
}

describe('stages', () => {
  it('are a rate or two, and a time', () => {
    expect(read(stages, '0..5000@1m, 5_000@5m,1e3..0.5@500ms')).toEqual([
      { fromRps: 0, toRps: 5000, durationMs: 60_000 },
      { fromRps: 5000, toRps: 5000, durationMs: 300_000 },
      { fromRps: 1000, toRps: 0.5, durationMs: 500 },
    ]);
  });

  it.each([
    ['', /takes stages such as '0\.\.5000@1m/],
    ['5000', /takes stages such as .*, not '5000'/],
    ['10@1s,', /takes stages such as .*, not ''/],
    ['5000@', /takes stages such as .*, not '5000@'/],
    ['@1m', /stage '@1m' takes a number of at least 0, not ''/],
    ['..5@1m', /stage '\.\.5@1m' takes a number of at least 0, not ''/],
    ['5..@1m', /stage '5\.\.@1m' takes a number of at least 0, not ''/],
    ['1@1s, 0..x@1m', /stage '0\.\.x@1m' takes a number of at least 0, not 'x'/],
    ['-5@1m', /takes a number of at least 0, not '-5'/],
    ['5@5', /stage '5@5' takes a time with a unit/],
    ['5@0s', /stage '5@0s' takes a time longer than 0/],
    ['0@1m,0..0@5s', /asks for no records: all rates are 0/],
  ])('%j is refused', (given, message) => {
    expect(read(stages, given)).toMatch(message);
  });
});

it.each([
  ['even', { kind: 'even' }],
  ['poisson', { kind: 'poisson' }],
  ['burst:500ms', { kind: 'burst', everyMs: 500 }],
  ['burst', "refused: takes even, poisson or burst:TIME, such as burst:500ms, not 'burst'"],
  ['Poisson', "refused: takes even, poisson or burst:TIME, such as burst:500ms, not 'Poisson'"],
  ['burst:0s', "refused: burst 'burst:0s' takes a time longer than 0, such as 30s"],
])('the arrival %j', (given, expected) => {
  expect(read(arrival, given)).toEqual(expected);
});
