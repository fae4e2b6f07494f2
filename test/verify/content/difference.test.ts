import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Difference, type Side } from '../../../src/verify/content/difference.js';
import { RecordHash } from '../../../src/verify/content/record-hash.js';
import { runs } from '../../support/runs.js';

const hash = new RecordHash({ keys: true, field: undefined });

/** How many records more the first side has, by content. */
function balancesOf(records: readonly (readonly [Side, number])[]): Map<number, number> {
  const balances = new Map<number, number>();
  for (const [side, content] of records) {
    balances.set(content, (balances.get(content) ?? 0) + (side === 'expected' ? 1 : -1));
  }
  return new Map([...balances].filter(([, balance]) => balance !== 0).sort());
}

it('finds each record that one side lacks, and no other, in any order and within any memory', () => {
  const side = fc.constantFrom<Side>('expected', 'found');
  const content = fc.oneof(fc.nat(3), fc.nat(60));
  let spilled = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(side, content), { maxLength: 150, size: 'max' }),
      fc.constantFrom(1, 4_000, 20_000, 1e9),
      (records, memoryBytes) => {
        const difference = new Difference(memoryBytes);
        for (const [index, [from, what]] of records.entries()) {
          difference.add(from, hash.of('k', Buffer.from(String(what))), `at\t${index}`);
        }
        if (difference.spilled) spilled++;
        const left = [...difference.unmatched()];
        const places = left.map(({ position }) => Number(position));
        // Each is a record of its own side.
        expect(new Set(places).size).toBe(places.length);
        expect(left.every(({ side, position }) => records[Number(position)]![0] === side)).toBe(true);
        expect(balancesOf(places.map((at) => records[at]!))).toEqual(balancesOf(records));
        const total = [...balancesOf(records).values()].reduce((sum, balance) => sum + Math.abs(balance), 0);
        expect(left.length).toBe(total);
        expect(difference.matched).toBe(records.length - total);
      },
    ),
    { numRuns: runs(100) },
  );
  expect(spilled).toBeGreaterThan(0);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`kload-verify-${process.pid}-`))).toEqual([]);
});

it('tells records apart by key, data, and what they lack', () => {
  const part = fc.option(fc.string({ maxLength: 3 }), { nil: null });
  fc.assert(
    fc.property(part, part, part, part, (keyA, dataA, keyB, dataB) => {
      const of = (key: string | null, data: string | null) => hash.of(key, data === null ? null : Buffer.from(data));
      expect(of(keyA, dataA) === of(keyB, dataB)).toBe(keyA === keyB && dataA === dataB);
    }),
  );
});

it('compares one field, or the whole record where there is none', () => {
  const byField = new RecordHash({ keys: true, field: ['a', 'id'] });
  const of = (key: string, data: string) => byField.of(key, Buffer.from(data));
  expect(of('k', '{"a":{"id":7},"at":1}')).toBe(of('other', '{ "at": 2, "a": {"id": 7} }'));
  expect(of('k', '{"a":{"id":7}}')).not.toBe(of('k', '{"a":{"id":"7"}}'));
  expect(of('k', '{"a":[]}')).not.toBe(of('k', '{"a":{}}'));
  expect(of('k', 'text')).toBe(of('k', 'text'));
  expect(byField.withoutField).toBe(4);
});
