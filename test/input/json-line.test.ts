import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonLine } from '../../src/input/json/json-line.js';
import { JsonPath, JsonValue } from '../../src/input/json/json-path.js';
import { JsonScalars } from '../../src/input/json/json-scalar.js';
import { JsonText } from '../../src/input/json/json-text.js';
import { runs } from '../support/runs.js';
import { isJson, json, mutation, number, string } from './json-arbitraries.js';

const LONG = 'long'.repeat(10);
const PATHS = ['.a', '.a.b', 'a.a', '.b.a', '.user-identifier.a', '.a.1.a', '.a.1', `.${LONG}.a`, '.b'];
const path = fc.constantFrom(...PATHS);

const name = fc.constantFrom('a', 'a', 'b', 'b', 'a.b', 'user-identifier', LONG, '\\u0061', '');
const space = fc.constantFrom('', '', '', ' ', '\t ', '\r');
const scalar = fc.oneof(string, number, fc.constantFrom('true', 'false', 'null'));
const array = fc.array(fc.oneof(scalar, fc.constantFrom('[]', '{"a":1}')), { maxLength: 4 }).map(arrayOf);

/** The shape of a line: its parts, and null for each value. */
const shape = fc.letrec<{ object: (string | null)[]; value: (string | null)[] }>((tie) => {
  const member = fc
    .tuple(space, name, space, space, tie('value'), space)
    .map(([before, held, a, b, value, behind]) => [`${before}"${held}"${a}:${b}`, ...value, behind]);
  return {
    object: fc.array(member, { maxLength: 4 }).map((members) => ['{', ...joined(members), '}']),
    value: fc.oneof(
      { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
      { weight: 2, arbitrary: fc.constant<(string | null)[]>([null]) },
      tie('object'),
      fc.array(tie('value'), { maxLength: 3 }).map((values) => ['[', ...joined(values), ']']),
      fc.constantFrom('{ }', '[ ]', '{"x":{"a":[{}]}}').map((text) => [text]),
    ),
  };
}).object;

/** Lines of a few shapes with different values, some of them changed, so that they may be invalid. */
const lines = fc
  .array(shape, { minLength: 1, maxLength: 6 })
  .chain((shapes) => {
    const values = fc.array(fc.oneof({ weight: 4, arbitrary: scalar }, array, json), { minLength: 1, maxLength: 6 });
    const filled = fc
      .tuple(fc.constantFrom(...shapes), values)
      .map(([parts, all]) => parts.map((part, at) => part ?? all[at % all.length]!).join(''));
    const changed = fc.tuple(filled, fc.array(mutation, { minLength: 1, maxLength: 2 })).map(([text, mutations]) =>
      mutations.reduce((line, [position, length, other]) => {
        const at = position % (line.length + 1);
        return line.slice(0, at) + other + line.slice(at + length);
      }, text),
    );
    return fc.array(fc.oneof({ weight: 4, arbitrary: filled }, changed), { minLength: 2, maxLength: 24 });
  })
  .map((texts) => texts.map((text) => text.replaceAll('\n', ' ')));

interface Found {
  readonly valid: boolean;
  readonly values: readonly (string | undefined)[];
}

describe('lines of JSON', () => {
  it('hold what a fresh scan finds, after any other lines', { timeout: 60_000 }, () => {
    let matches = 0;
    fc.assert(
      fc.property(lines, fc.array(path, { maxLength: 3 }), fc.constantFrom('\n', '\r\n'), (texts, paths, end) => {
        const bytes = Buffer.from(`${texts.join(end)}${end}`);
        // The bytes after the lines are left from an earlier chunk, and may look like more lines.
        const room = Buffer.concat([bytes, bytes.subarray(0, 40), Buffer.alloc(8)]);
        const reader = new LineReader(paths);
        let at = 0;
        for (const text of texts) {
          const to = at + Buffer.byteLength(text);
          const found = reader.read(room, at, to, bytes.length);
          expect(found).toEqual(freshly(room, at, to, paths));
          expect(found.valid).toBe(isJson(room.toString('latin1', at, to)));
          at = to + end.length;
        }
        matches += reader.matches;
      }),
      { numRuns: runs(2000) },
    );
    expect(matches).toBeGreaterThan(runs(5_000));
  });

  it.each([
    ['has other values', '{"a":1,"c":"x"}', '{"a":"y\\n","c":[1,"",{"a":null}]}', true],
    ['has space elsewhere', '{"a":1,"b":"x"}', '{"a":1, "b":"x"}', false],
    ['has another name', '{"a":1,"bcdefghi":2}', '{"a":1,"bcdefghj":2}', false],
    ['has another order', '{"a":1,"b":2}', '{"b":1,"a":2}', false],
    ['has a member more', '{"a":1,"b":2}', '{"a":1,"b":2,"b":3}', false],
    ['lacks one', '{"a":1,"b":2}', '{"a":1}', false],
    ['has names twice', '{"a":1,"a":2}', '{"a":3,"a":4}', true],
    ['has an object where a path ended', '{"b":1}', '{"b":{"a":2}}', false],
    ['has an object that no path looks at', '{"c":1}', '{"c":{"a":2}}', true],
    ['has a longer array', '{"c":[1,2]}', '{"c":[3, "x",[{}]]}', true],
    ['has an array in which a path goes on', '{"b":[]}', '{"b":[1]}', false],
    ['has a control character in a string', '{"a":"x"}', '{"a":"\t"}', false],
    ['has a broken number', '{"a":1}', '{"a":01}', false],
    ['has a broken array', '{"c":[1]}', '{"c":[1,]}', false],
    ['ends too late', '{"a":1}', '{"a":1}}', false],
    ['ends too soon', '{"a":{"b":1}}', '{"a":{"b":1}', false],
    ['is nested the other way', '{"a":{"b":1},"c":2}', '{"a":{"b":1,"c":2}}', false],
    ['is not an object', '1', '"x"', true],
  ])('match one that %s: %s, %s: %s', (_, before, line, matches) => {
    const reader = new LineReader(['.a', '.b.a']);
    const room = Buffer.from(`${before}\n${line}\n....`);
    const from = before.length + 1;
    const to = from + line.length;
    reader.read(room, 0, before.length, to + 1);
    expect(reader.read(room, from, to, to + 1)).toEqual(freshly(room, from, to, ['.a', '.b.a']));
    expect(reader.matches).toBe(Number(matches));
  });

  it('match one of several shapes in turn, and still match after many lines that did not', () => {
    const reader = new LineReader(['.a']);
    const read = (text: string) => {
      const room = Buffer.from(`${text}\n....`);
      expect(reader.read(room, 0, text.length, text.length + 1)).toEqual(freshly(room, 0, text.length, ['.a']));
    };
    const kinds = ['{"a":', '{"a2":', '{"x":{},"a":', '{"a": '];
    for (let at = 0; at < 400; at++) read(`${kinds[at % kinds.length]}${at}}`);
    expect(reader.matches).toBeGreaterThan(390);
    for (let at = 0; at < 5000; at++) read(`{"name${at}":1,"a":${at}}`);
    reader.matches = 0;
    for (let at = 0; at < 1000; at++) read(`{"known":1,"a":${at}}`);
    expect(reader.matches).toBeGreaterThan(500);
  });
});

class LineReader {
  matches = 0;
  readonly #values: JsonValue[];
  readonly #line: JsonLine;

  constructor(paths: readonly string[]) {
    this.#values = paths.map((written) => new JsonValue(new JsonPath(written)));
    this.#line = new JsonLine(this.#values);
  }

  /** Reads the line `bytes[from, to)` of a text, given where the text ends. */
  read(bytes: Buffer, from: number, to: number, textEnd: number): Found {
    const end = this.#line.match(bytes, from, textEnd);
    if (end >= 0) {
      this.matches++;
      expect(bytes.indexOf('\n', from)).toBe(end);
    }
    const valid = this.#line.scan(bytes, from, to);
    return { valid, values: valid ? this.#values.map((value) => textOf(bytes, value)) : [] };
  }
}

function freshly(bytes: Buffer, from: number, to: number, paths: readonly string[]): Found {
  const scalars = new JsonScalars();
  scalars.use(bytes);
  const json = new JsonText(4, scalars);
  if (!json.scan(from, to)) return { valid: false, values: [] };
  const values = paths.map((written) => {
    const value = new JsonValue(new JsonPath(written));
    value.find(json);
    return textOf(bytes, value);
  });
  return { valid: true, values };
}

/** The text of a value, with a mark for a string with escapes. */
function textOf(bytes: Buffer, { start, end, escaped }: JsonValue): string | undefined {
  if (start < 0) return undefined;
  const text = bytes.toString('latin1', start, end);
  return text.startsWith('"') && escaped ? `${text} escaped` : text;
}

function arrayOf(elements: readonly string[]): string {
  return `[${elements.join(',')}]`;
}

function joined(all: readonly (string | null)[][]): (string | null)[] {
  return all.flatMap((parts, at) => (at === 0 ? parts : [',', ...parts]));
}
