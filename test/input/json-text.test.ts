import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonScalars } from '../../src/input/json/json-scalar.js';
import { JsonText } from '../../src/input/json/json-text.js';
import { runs } from '../support/runs.js';
import { isJson, json, mutation } from './json-arbitraries.js';

/** Scans a text between other bytes. */
function scans(json: Scanner, text: Buffer, before = '"x', after = '"}]'): boolean {
  const bytes = Buffer.concat([Buffer.from(before), text, Buffer.from(after)]);
  return json.scan(bytes, before.length, before.length + text.length);
}

/** Scans one text after another. */
class Scanner {
  readonly text: JsonText;
  readonly #scalars = new JsonScalars();

  constructor(depth: number) {
    this.text = new JsonText(depth, this.#scalars);
  }

  scan(bytes: Buffer, from: number, to: number): boolean {
    this.#scalars.use(bytes);
    return this.text.scan(from, to);
  }
}

describe('JSON text', () => {
  it('is valid if JSON.parse says so, with and without changes, after any other text', {
    timeout: 60_000,
  }, () => {
    const memory = new Scanner(2);
    fc.assert(
      fc.property(json, fc.array(mutation, { maxLength: 3 }), fc.nat({ max: 4 }), (text, mutations, depth) => {
        let bytes = Buffer.from(text);
        expect(scans(new Scanner(depth), bytes)).toBe(true);
        expect(scans(memory, bytes)).toBe(true);
        for (const [position, length, other] of mutations) {
          const at = position % (bytes.length + 1);
          bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(other, 'latin1'), bytes.subarray(at + length)]);
          const valid = isJson(bytes.toString('latin1'));
          expect(scans(new Scanner(depth), bytes)).toBe(valid);
          expect(scans(memory, bytes)).toBe(valid);
          expect(memory.scan(bytes, 0, bytes.length)).toBe(valid);
        }
      }),
      { numRuns: runs(5000) },
    );
  });

  it('is not valid if it is cut off, or random bytes', () => {
    const memory = new Scanner(1);
    fc.assert(
      fc.property(json, fc.nat(), fc.uint8Array({ maxLength: 8 }), (text, length, any) => {
        for (const bytes of [Buffer.from(text).subarray(0, length % (text.length + 1)), Buffer.from(any)]) {
          expect(scans(memory, bytes)).toBe(isJson(bytes.toString('latin1')));
        }
      }),
      { numRuns: runs(2000) },
    );
  });

  it('may be nested deeper than the call stack', () => {
    const depth = 200_000;
    const deep = (open: string, close: string) => Buffer.from(open.repeat(depth) + close.repeat(depth));
    expect(scans(new Scanner(3), deep('[', ']'))).toBe(true);
    expect(scans(new Scanner(3), Buffer.from(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`))).toBe(true);
    expect(scans(new Scanner(3), deep('[', '}'))).toBe(false);
  });
});
