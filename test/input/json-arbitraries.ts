import fc from 'fast-check';

const SPACES = ['', '', '', ' ', '\t', '\r', '\n', '  \r\n'];
/** All of JSON's escapes of two characters. */
export const SHORT_ESCAPES = ['\\n', '\\"', '\\\\', '\\/', '\\b', '\\f', '\\r', '\\t'];
export const string = fc
  .array(
    fc.oneof(
      fc.constantFrom('a', 'xyz', 'é', '😀', ' ', '/', '\x7f', '{', ',', '0123456789'),
      fc.constantFrom(...SHORT_ESCAPES, '\\u00e9', '\\uD83D', '\\ude00', '\\u0000'),
    ),
    { maxLength: 8 },
  )
  .map((parts) => `"${parts.join('')}"`);
export const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom('0', '-0', '1.50', '1e5', '1E+5', '-0.1e-7', '10', '123456789012345678901234567890'),
);

/** Valid JSON text, with space wherever JSON allows it. */
export const json = fc.letrec<{ value: string }>((tie) => {
  const space = fc.constantFrom(...SPACES);
  const padded = fc.tuple(space, tie('value'), space).map((parts) => parts.join(''));
  const member = fc.tuple(space, string, space, padded).map(([a, name, b, value]) => `${a}${name}${b}:${value}`);
  return {
    value: fc.oneof(
      { maxDepth: 5, depthSize: 'medium' },
      string,
      number,
      fc.constantFrom('true', 'false', 'null', '[ ]', '{\t}'),
      fc.array(padded, { maxLength: 4 }).map((all) => `[${all.join(',')}]`),
      fc.array(member, { maxLength: 4 }).map((all) => `{${all.join(',')}}`),
    ),
  };
}).value;

/** A position in a text, how many bytes are replaced there, and by what. */
export const mutation = fc.tuple(
  fc.nat(),
  fc.integer({ min: 0, max: 3 }),
  fc.oneof(
    fc.constantFrom(
      '',
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '-',
      '+',
      '.',
      'e',
      'E',
      '0',
      '7',
      'u',
      't',
      'nul',
      ' ',
    ),
    fc.constantFrom('\0', '\x01', '\x1f', '\x7f', '\x80', 'ÿ', '\t', '\r', '\n', '\\u12', '\\x', '\ufeff', '01', 'NaN'),
  ),
);

/** Whether JSON.parse accepts it. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
