import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonPath } from '../../src/input/json-path.js';
import { END, JsonText, START } from '../../src/input/json-text.js';

const SPACES = ['', '', '', ' ', '\t', '\r', '\n', '  \r\n'];
const string = fc
  .array(
    fc.oneof(
      fc.constantFrom('a', 'xyz', 'é', '😀', ' ', '/', '\x7f', '{', ',', '0123456789'),
      fc.constantFrom(
        '\\n',
        '\\"',
        '\\\\',
        '\\/',
        '\\b',
        '\\f',
        '\\r',
        '\\t',
        '\\u00e9',
        '\\uD83D',
        '\\ude00',
        '\\u0000',
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => `"${parts.join('')}"`);
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom('0', '-0', '1.50', '1e5', '1E+5', '-0.1e-7', '10', '123456789012345678901234567890'),
);

/** Valid JSON text with space wherever it may be. */
const json = fc.letrec<{ value: string }>((tie) => {
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

/** One place of a text, and what is put there instead of how many bytes. */
const mutation = fc.tuple(
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

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Scans a text that lies among other bytes. */
function scans(json: JsonText, text: Buffer, before = '"x', after = '"}]'): boolean {
  const bytes = Buffer.concat([Buffer.from(before), text, Buffer.from(after)]);
  return json.scan(bytes, before.length, before.length + text.length);
}

describe('JSON text', () => {
  it('is valid where JSON.parse says so, as it is and with changes, whatever was scanned before', {
    timeout: 60_000,
  }, () => {
    const memory = new JsonText(2);
    fc.assert(
      fc.property(json, fc.array(mutation, { maxLength: 3 }), fc.nat({ max: 4 }), (text, mutations, depth) => {
        let bytes = Buffer.from(text);
        expect(scans(new JsonText(depth), bytes)).toBe(true);
        expect(scans(memory, bytes)).toBe(true);
        for (const [place, length, other] of mutations) {
          const at = place % (bytes.length + 1);
          bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(other, 'latin1'), bytes.subarray(at + length)]);
          const valid = isJson(bytes.toString('latin1'));
          expect(scans(new JsonText(depth), bytes)).toBe(valid);
          expect(scans(memory, bytes)).toBe(valid);
          expect(memory.scan(bytes, 0, bytes.length)).toBe(valid);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('is not valid where it is cut off, or any bytes', () => {
    const memory = new JsonText(1);
    fc.assert(
      fc.property(json, fc.nat(), fc.uint8Array({ maxLength: 8 }), (text, length, any) => {
        for (const bytes of [Buffer.from(text).subarray(0, length % (text.length + 1)), Buffer.from(any)]) {
          expect(scans(memory, bytes)).toBe(isJson(bytes.toString('latin1')));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('may be nested deeper than any stack', () => {
    const depth = 200_000;
    const deep = (open: string, close: string) => Buffer.from(open.repeat(depth) + close.repeat(depth));
    expect(scans(new JsonText(3), deep('[', ']'))).toBe(true);
    expect(scans(new JsonText(3), Buffer.from(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`))).toBe(true);
    expect(scans(new JsonText(3), deep('[', '}'))).toBe(false);
  });

  it('has its values where a path finds them, also after lines that were nearly the same', () => {
    const name = fc.constantFrom('a', 'b', 'a.b', 'user-identifier', `${'long'.repeat(10)}`, '\\u0061', '');
    const value = fc.constantFrom('1', '"x"', '{}', '[]', '{"a":2}', '{"b":3,"a":4}', '[5,{"a":6}]', '{"a":{"a":7}}');
    const line = fc
      .array(fc.tuple(name, value, fc.constantFrom('', ' ')), { maxLength: 4 })
      .map((members) => `{${members.map(([key, held, space]) => `"${key}"${space}:${space}${held}`).join(',')}}`);
    const lines = fc.array(fc.oneof(line, fc.constantFrom('{"a":1', '[1]', '{"a":{"b":1}}')), { maxLength: 12 });
    const path = fc.constantFrom(
      '.a',
      '.a.b',
      'a.a',
      '.b.a',
      '.user-identifier.a',
      '.a.1.a',
      `.${'long'.repeat(10)}.a`,
    );
    fc.assert(
      fc.property(lines, path, (texts, written) => {
        const remembered = new JsonPath(written);
        const memory = new JsonText(remembered.depth);
        // Lines come again, as they do in a recording.
        for (const text of texts.flatMap((one) => [one, one])) {
          const fresh = new JsonText(remembered.depth);
          expect(valueAt(memory, remembered, text)).toBe(valueAt(fresh, new JsonPath(written), text));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

function valueAt(json: JsonText, path: JsonPath, text: string): string | undefined {
  const bytes = Buffer.from(text);
  if (!json.scan(bytes, 0, bytes.length)) return 'not valid';
  const node = path.find(json);
  return node < 0 ? undefined : bytes.toString('utf8', json.nodes[node + START], json.nodes[node + END]);
}
