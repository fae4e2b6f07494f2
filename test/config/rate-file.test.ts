import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readRateFile } from '../../src/config/rate-file.js';
import { KloadError } from '../../src/core/errors.js';
import { folder } from '../support/kload.js';

/** The stages as [from, to, milliseconds], or the error. */
function read(content: string): unknown {
  using dir = folder();
  writeFileSync(dir.path('rates.csv'), content);
  try {
    return readRateFile(dir.path('rates.csv')).map(({ fromRps, toRps, durationMs }) => [fromRps, toRps, durationMs]);
  } catch (error) {
    if (!(error instanceof KloadError) || error.exit !== 'input') throw error;
    return error.message.replace(dir.path('rates.csv'), 'rates.csv');
  }
}

describe('a rate file', () => {
  it.each([
    ['0,0\n60,5000\n', [[0, 5000, 60_000]]],
    [
      '0,100\n10,100\n20,50',
      [
        [100, 100, 10_000],
        [100, 50, 10_000],
      ],
    ],
    ['seconds,rate\n0,1\n1,2\n', [[1, 2, 1000]]],
    ['\uFEFF"seconds","rate"\r\n"0","1"\r\n"1","2"\r\n', [[1, 2, 1000]]],
    ['# a day\n0\t1\n\n0.5 \t 2 # half a second\n', [[1, 2, 500]]],
    ['0;1\n1e1;2.5\n', [[1, 2.5, 10_000]]],
    // Time counts from the first line; fractions of a second stay what they are.
    ['1700000000.1,5\n1700000000.3,5\n', [[5, 5, 200]]],
    ['0.1,5\n0.3,5\n', [[5, 5, 200]]],
    // A jump.
    [
      '0,1\n5,1\n5,9\n6,9\n',
      [
        [1, 1, 5000],
        [9, 9, 1000],
      ],
    ],
  ])('%j', (content, stages) => {
    expect(read(content)).toEqual(stages);
  });

  it.each([
    ['', 'rates.csv: a rate file needs two lines or more'],
    ['seconds,rate\n0,100\n', 'rates.csv: a rate file needs two lines or more'],
    ['5,1\n5,2\n', 'rates.csv: a rate file needs two lines or more'],
    ['0,0\n60,0\n', 'rates.csv asks for no records: all of its rates are 0'],
    ['0,1\n60\n', "rates.csv:2: a line has two numbers, not '60'"],
    ['0,1\n60,\n', "rates.csv:2: a line has two numbers, not '60,'"],
    ['0,1,2\n', "rates.csv:1: a line has two numbers, not '0,1,2'"],
    ['0,1\n\n# comment\n1m,2\n', "rates.csv:4: the time is not a number: '1m'"],
    ['0,1\n1,fast\n', "rates.csv:2: the rate is not a number: 'fast'"],
    ['0,1\n1,1e999\n', "rates.csv:2: the rate is not a number: '1e999'"],
    ['0,1\n1,-5\n', 'rates.csv:2: a rate is at least 0, not -5'],
    ['0,1\n9,1\n\n3,1\n', 'rates.csv:4: time goes back, from 9 s to 3 s'],
  ])('%j is refused', (content, message) => {
    expect(read(content)).toBe(message);
  });

  it('that is not there is refused', () => {
    expect(() => readRateFile('no-such-file.csv')).toThrow('--rate-file no-such-file.csv cannot be read: ');
  });
});
