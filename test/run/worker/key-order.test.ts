import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyOrder } from '../../../src/run/worker/key-order.js';
import type { PendingRecord } from '../../../src/run/worker/pending-record.js';
import { pendingOf } from '../records.js';

const NONE = Number.POSITIVE_INFINITY;

/** Keys with different hashes in the same slot of the table. */
const NEIGHBOURS = ['k229', 'k1040', 'k1280'];

/** The next step: a record arrives, an admitted one is settled, or a ready one is taken. */
type Step = { readonly key: string } | { readonly settle: number } | 'take';

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ key: fc.constantFrom('a', 'ü', 'x'.repeat(256), ...NEIGHBOURS) }) },
    { weight: 2, arbitrary: fc.record({ settle: fc.nat() }) },
    { weight: 2, arbitrary: fc.constant('take' as const) },
  ),
  { maxLength: 200 },
);

/** A simple model of the order: a list of numbers for each key. */
class Model {
  readonly order = new KeyOrder();
  readonly records: PendingRecord[] = [];
  /** Numbers of the records that arrived and are not settled, by key. */
  readonly unsettled = new Map<string, number[]>();
  /** Numbers of the records that may go. */
  readonly underWay: number[] = [];

  take(step: Step): void {
    if (step === 'take') {
      const record = this.order.takeReady();
      if (record !== undefined) this.#goes(this.records.indexOf(record));
      else expect(this.#turns()).toEqual([]);
    } else if ('key' in step) {
      const number = this.records.push(pendingOf({ data: '', key: step.key, dueMs: this.records.length })) - 1;
      const line = this.unsettled.get(step.key) ?? [];
      this.unsettled.set(step.key, line);
      line.push(number);
      const admitted = this.order.admit(this.records[number]!);
      expect(admitted).toBe(line.length === 1);
      if (admitted) this.#goes(number);
    } else if (this.underWay.length > 0) {
      const [number = -1] = this.underWay.splice(step.settle % this.underWay.length, 1);
      this.unsettled.get(this.records[number]!.key)!.shift();
      this.order.settled(this.records[number]!);
    }
    this.#check();
  }

  /** A record may go only when all earlier ones of its key are settled. */
  #goes(number: number): void {
    expect(this.unsettled.get(this.records[number]!.key)![0]).toBe(number);
    expect(this.underWay).not.toContain(number);
    this.underWay.push(number);
  }

  /** Records that may go and were not taken. */
  #turns(): number[] {
    return [...this.unsettled.values()].flatMap(([first]) =>
      first === undefined || this.underWay.includes(first) ? [] : [first],
    );
  }

  #check(): void {
    const behind = [...this.unsettled.values()].flatMap((line) => line.slice(1));
    expect(this.order.waiting).toBe(behind.length);
    expect(this.order.oldestDueMs).toBe(Math.min(NONE, ...behind, ...this.#turns()));
  }
}

describe('the order of keys', () => {
  it('admits each record once, in order, and never two of a key at a time', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const model = new Model();
        for (const step of taken) model.take(step);
        // After any steps, all records can be settled.
        for (let left = model.records.length; left >= 0; left--) {
          for (const step of ['take', { settle: 0 }] as const) model.take(step);
        }
        expect([...model.unsettled.values()].flat()).toEqual([]);
        expect([model.order.waiting, model.order.takeReady()]).toEqual([0, undefined]);
      }),
    );
  });

  it('returns waiting records in the order in which they became ready', () => {
    const order = new KeyOrder();
    const [a1, b1, b2, a2] = ['a', 'b', 'b', 'a'].map((key) => pendingOf({ data: '', key }));
    expect([a1, b1, b2, a2].map((record) => order.admit(record!))).toEqual([true, true, false, false]);
    order.settled(b1!);
    order.settled(a1!);
    expect([order.takeReady(), order.takeReady(), order.takeReady()]).toEqual([b2, a2, undefined]);
  });

  it('keeps nothing of keys whose records are all settled', () => {
    const order = new KeyOrder();
    for (let n = 0; n < 3; n++) {
      const record = pendingOf({ data: '', key: 'a' });
      expect(order.admit(record)).toBe(true);
      order.settled(record);
    }
    expect(order.oldestDueMs).toBe(NONE);
  });
});
