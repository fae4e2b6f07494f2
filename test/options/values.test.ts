import { describe, expect, it } from 'vitest';
import {
  duration,
  oneOf,
  partitionKey,
  positive,
  type ReadValue,
  recordSize,
  runDuration,
  someDuration,
  text,
  url,
  type ValueError,
  whole,
} from '../../src/options/values.js';

/** The value, or the error message. */
function read<T>(schema: ReadValue<T>, given: string): T | string {
  try {
    return schema(given);
  } catch (error) {
    return `refused: ${(error as ValueError).message}`;
  }
}

describe('a time', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['500ms', 500],
    ['0.5ms', 0.5],
    ['30s', 30_000],
    ['1.5s', 1500],
    ['5m', 300_000],
    ['1m30s', 90_000],
    ['2h', 7_200_000],
    ['1h30m', 5_400_000],
    ['1h2m3s4ms', 3_723_004],
    ['90m', 5_400_000],
    ['1m500ms', 60_500],
  ])('%s is %d ms', (given, ms) => {
    expect(read(duration, given)).toBe(ms);
  });

  it.each(['', '30', '30 s', '-1s', '1d', '1.5h', 's', 'ms', '1s1m', '1e3ms', '5M', '1s ', '1,5s'])(
    '%j is refused, with an example',
    (given) => {
      expect(read(duration, given)).toBe(`refused: takes a time with a unit (500ms, 30s, 1m30s), not '${given}'`);
    },
  );

  it.each(['0', '0s', '0ms'])('%s is refused if the time must be above 0', (given) => {
    for (const schema of [someDuration, runDuration]) {
      expect(read(schema, given)).toBe('refused: takes a time longer than 0, such as 30s');
      expect(read(schema, '1ms')).toBe(1);
    }
  });

  it('of a timer is bounded by what timers can count', () => {
    for (const schema of [duration, someDuration]) {
      expect(read(schema, '576h')).toBe(2_073_600_000);
      expect(read(schema, '576h1ms')).toBe('refused: takes a time of at most 576h (24 days)');
    }
    expect(read(runDuration, '600h')).toBe(2_160_000_000);
  });
});

describe('a size', () => {
  it.each([
    ['0', 0],
    ['200', 200],
    ['200B', 200],
    ['10kB', 10_000],
    ['10KB', 10_000],
    ['10 kb', 10_000],
    ['10KiB', 10_240],
    ['1MB', 1_000_000],
    ['1MiB', 1_048_576],
    ['1.5kB', 1500],
    ['1.001kB', 1001],
    ['1e3', 1000],
    ['1e3 B', 1000],
  ])('%s is %d bytes', (given, bytes) => {
    expect(read(recordSize, given)).toBe(bytes);
  });

  it.each(['', 'kB', '-1', '1.5', '1.0001kB', '10k', '1TB', '10 k B', '1e', '1e-3', '1.2.3kB'])(
    '%j is refused, with examples',
    (given) => {
      expect(read(recordSize, given)).toBe(`refused: takes a number of bytes (200, 10kB, 1MiB), not '${given}'`);
    },
  );

  it('is at most the size of the largest record', () => {
    expect(read(recordSize, '10MiB')).toBe(10_485_760);
    expect(read(recordSize, '10485761')).toBe('refused: takes at most 10MiB, the largest record that Kinesis takes');
  });
});

describe('a whole number', () => {
  it.each([
    ['1', 1],
    ['500', 500],
    ['1_0', 10],
    ['007', 7],
    ['1e2', 100],
    ['1.5E+1', 15],
    ['200e-1', 20],
  ])('%s is %d', (given, n) => {
    expect(read(whole(1, 500), given)).toBe(n);
  });

  it.each(['0', '501', '-1', '1.5', '1e3', '1e-1', '1e400', 'e2', '0x10', '', ' 1', 'ten', 'NaN', 'Infinity', '_1'])(
    '%j is refused, with its bounds',
    (given) => {
      expect(read(whole(1, 500), given)).toBe(`refused: takes a whole number from 1 to 500, not '${given}'`);
    },
  );

  it('without an upper bound names only the lower one', () => {
    expect(read(whole(1), '1_000_000')).toBe(1_000_000);
    expect(read(whole(1), '0')).toBe("refused: takes a whole number of at least 1, not '0'");
    expect(read(whole(1), '99999999999999999999')).toMatch(/^refused/);
  });
});

describe('a number above 0', () => {
  it.each([
    ['5000', 5000],
    ['5_000', 5000],
    ['0.5', 0.5],
    ['.5', 0.5],
    ['2.', 2],
    ['1e4', 10_000],
    ['1.5e3', 1500],
    ['5E-1', 0.5],
  ])('%s is %d', (given, n) => {
    expect(read(positive, given)).toBe(n);
  });

  it.each(['0', '0.0', '-1', '-1e3', '1e', '1e400', 'Infinity', 'NaN', '', '1/2', '5k', '9'.repeat(400)])(
    '%j is refused',
    (given) => {
      expect(read(positive, given)).toBe(`refused: takes a number above 0, not '${given}'`);
    },
  );
});

it('a wrong word is refused with the words that are possible', () => {
  expect(read(oneOf('on', 'off'), 'off')).toBe('off');
  expect(read(oneOf('on', 'off'), 'ON')).toBe("refused: takes on, off, not 'ON'");
});

it('a text may not be empty', () => {
  expect(read(text, ' ')).toBe(' ');
  expect(read(text, '')).toBe('refused: takes a non-empty value');
});

it('a partition key has 1 to 256 characters, whatever they take as bytes', () => {
  for (const key of ['a', 'x'.repeat(256), '🔑'.repeat(256)]) expect(read(partitionKey, key)).toBe(key);
  for (const key of ['', 'x'.repeat(257), '🔑'.repeat(257)]) {
    expect(read(partitionKey, key)).toBe('refused: takes 1 to 256 characters');
  }
});

describe('a URL', () => {
  it.each(['http://localhost:4566', 'https://vpce-1.kinesis.eu-west-1.vpce.amazonaws.com/'])('%s is taken', (given) => {
    expect(read(url, given)).toBe(given);
  });

  it.each(['localhost:4566', 'localhost', 'ftp://x', '', 'http://'])('%j is refused, with an example', (given) => {
    expect(read(url, given)).toBe(`refused: takes a URL such as http://localhost:4566, not '${given}'`);
  });

  it.each(['http://user:pass@localhost', 'https://user@localhost', 'http://:pass@localhost'])(
    '%s is refused without printing the password',
    (given) => {
      expect(read(url, given)).toBe('refused: takes a URL without a user and password');
    },
  );
});
