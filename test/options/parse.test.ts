import { describe, expect, it } from 'vitest';
import { RUN_OPTIONS } from '../../src/config/run-options.js';
import { KloadError } from '../../src/core/errors.js';
import type { OptionTable } from '../../src/options/option.js';
import { flagOf } from '../../src/options/option.js';
import { isGiven, parseOptions } from '../../src/options/parse.js';
import { duration, whole } from '../../src/options/values.js';

const TABLE = {
  size: { flags: '--size <n>', group: 'Sending', help: '', default: 500, env: 'T_SIZE', schema: whole(1, 500) },
  wait: { flags: '--wait <time>', group: 'Sending', help: '', default: '5ms', env: 'T_WAIT', schema: duration },
  count: { flags: '--count <n>', group: 'Sending', help: '', env: 'T_COUNT', schema: whole(1) },
  loop: { flags: '--loop', group: 'Sending', help: '', env: 'T_LOOP' },
  header: { flags: '--no-header', group: 'Sending', help: '', default: true },
  file: { flags: '--file <file>', group: 'Sending', help: '', repeatable: true },
} as const satisfies OptionTable;

function errorOf(given: Record<string, unknown>, env: NodeJS.ProcessEnv): string {
  try {
    parseOptions(TABLE, given, env);
  } catch (error) {
    if (error instanceof KloadError && error.exit === 'usage') return error.message;
    throw error;
  }
  return 'no error';
}

it('each option has its default if nothing is given', () => {
  expect(parseOptions(TABLE, {}, {})).toEqual({
    size: 500,
    wait: 5,
    count: undefined,
    loop: false,
    header: true,
    file: [],
  });
});

it('a flag wins over a variable, a variable over the default', () => {
  const env = { T_SIZE: '20', T_WAIT: '1s', T_COUNT: '7', T_LOOP: 'true' };
  expect(parseOptions(TABLE, {}, env)).toMatchObject({ size: 20, wait: 1000, count: 7, loop: true });
  const given = { size: '30', wait: '2s', count: '8', loop: true, header: false, file: ['a', 'b'] };
  expect(parseOptions(TABLE, given, { ...env, T_LOOP: 'false' })).toEqual({
    size: 30,
    wait: 2000,
    count: 8,
    loop: true,
    header: false,
    file: ['a', 'b'],
  });
});

it('an empty variable counts as not set', () => {
  expect(parseOptions(TABLE, {}, { T_SIZE: '', T_LOOP: '' })).toMatchObject({ size: 500, loop: false });
});

describe('a switch by variable', () => {
  it.each([
    ['1', true],
    ['true', true],
    ['YES', true],
    ['0', false],
    ['False', false],
    ['no', false],
  ])('%s is %s', (text, value) => {
    expect(parseOptions(TABLE, {}, { T_LOOP: text }).loop).toBe(value);
  });

  it('is refused by name if it is neither yes nor no', () => {
    expect(errorOf({}, { T_LOOP: 'maybe' })).toBe("T_LOOP takes true or false, not 'maybe'");
  });
});

it('an invalid value is reported with the flag or the variable that gave it', () => {
  expect(errorOf({ size: '501' }, {})).toBe("--size takes a whole number from 1 to 500, not '501'");
  expect(errorOf({}, { T_SIZE: 'x' })).toBe("T_SIZE takes a whole number from 1 to 500, not 'x'");
  expect(errorOf({ size: '1' }, { T_SIZE: 'x' })).toBe('no error');
});

it('an option is given by flag or by a variable that is not empty', () => {
  expect(isGiven(TABLE.size, '3', {})).toBe(true);
  expect(isGiven(TABLE.size, undefined, { T_SIZE: '3' })).toBe(true);
  expect(isGiven(TABLE.size, undefined, { T_SIZE: '' })).toBe(false);
  expect(isGiven(TABLE.file, undefined, {})).toBe(false);
});

describe('the table of options', () => {
  const specs = Object.entries(RUN_OPTIONS);

  it('has a unique flag and a unique variable for each option', () => {
    const flags = specs.map(([, spec]) => flagOf(spec));
    const variables = specs.flatMap(([, spec]) => ('env' in spec ? [spec.env] : []));
    expect(new Set(flags).size).toBe(flags.length);
    expect(new Set(variables).size).toBe(variables.length);
  });

  it.each(specs)('names %s like its flag and its variable', (name, spec) => {
    const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    expect(flagOf(spec).replace(/^--(no-)?/, '')).toBe(kebab);
    if ('env' in spec) expect(spec.env).toBe(`KLOAD_${kebab.toUpperCase().replaceAll('-', '_')}`);
  });
});
