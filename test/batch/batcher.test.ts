import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Batcher } from '../../src/batch/batcher.js';
import type { Batch } from '../../src/batch/batches.js';

const LIMITS = { batchRecordsMax: 5, batchBytesMax: 100 };

interface Item {
  readonly id: number;
  readonly bytes: number;
  readonly dueMs: number;
}

const item = fc.record({
  bytes: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 100 }), fc.constantFrom(99, 100)),
  dueMs: fc.integer({ min: -1000, max: 1000 }),
  takenEarly: fc.boolean(),
});

function batchOf(ids: readonly number[], batch: Batch<Item> | undefined): void {
  expect(batch?.items.map(({ id }) => id)).toEqual(ids);
}

describe('batches', () => {
  it('keep the order, lose and duplicate nothing, stay within both limits, and are never empty', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 80 }), (list) => {
        const batcher = new Batcher<Item>(LIMITS);
        const batches: Batch<Item>[] = [];
        for (const [id, { bytes, dueMs, takenEarly }] of list.entries()) {
          batcher.add({ id, bytes, dueMs }, bytes, dueMs);
          while (batcher.full || (takenEarly && !batcher.empty)) batches.push(batcher.take()!);
        }
        while (!batcher.empty) batches.push(batcher.take()!);
        expect(batcher.take()).toBeUndefined();
        expect(batches.flatMap(({ items }) => items.map(({ id }) => id))).toEqual(list.map((_, id) => id));
        for (const { items, bytes } of batches) {
          expect(bytes).toBe(items.reduce((sum, one) => sum + one.bytes, 0));
          expect(items.length).toBeGreaterThan(0);
          expect(items.length).toBeLessThanOrEqual(LIMITS.batchRecordsMax);
          expect(bytes).toBeLessThanOrEqual(LIMITS.batchBytesMax);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('are as full as possible: none closes early unless it is taken', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 80 }), (list) => {
        const batcher = new Batcher<Item>(LIMITS);
        for (const [id, { bytes, dueMs }] of list.entries()) {
          batcher.add({ id, bytes, dueMs }, bytes, dueMs);
          if (!batcher.full) continue;
          const batch = batcher.take()!;
          const next = list[batch.items.at(-1)!.id + 1];
          const couldTakeNext = next !== undefined && batch.bytes + next.bytes <= LIMITS.batchBytesMax;
          expect(batch.items.length === LIMITS.batchRecordsMax || !couldTakeNext).toBe(true);
        }
      }),
    );
  });

  it('report the count of the open one, and when its oldest record is due', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 80 }), (list) => {
        const batcher = new Batcher<Item>(LIMITS);
        let added: Item[] = [];
        for (const [id, { bytes, dueMs, takenEarly }] of list.entries()) {
          batcher.add({ id, bytes, dueMs }, bytes, dueMs);
          added.push({ id, bytes, dueMs });
          while (batcher.full || (takenEarly && !batcher.empty)) {
            const last = batcher.take()!.items.at(-1)!.id;
            added = added.filter((one) => one.id > last);
          }
          expect(batcher.count).toBe(added.length);
          expect(batcher.empty).toBe(added.length === 0);
          expect(batcher.oldestDueMs).toBe(Math.min(...added.map((one) => one.dueMs)));
        }
      }),
    );
  });
});

describe('a record as large as the limit', () => {
  it('has a batch of its own', () => {
    const batcher = new Batcher<Item>(LIMITS);
    batcher.add({ id: 0, bytes: 1, dueMs: 0 }, 1, 0);
    batcher.add({ id: 1, bytes: 100, dueMs: 0 }, 100, 0);
    expect(batcher.full).toBe(true);
    batchOf([0], batcher.take());
    batcher.add({ id: 2, bytes: 1, dueMs: 0 }, 1, 0);
    expect(batcher.full).toBe(true);
    batchOf([1], batcher.take());
    batchOf([2], batcher.take());
  });

  it('shares its batch only with records of no bytes', () => {
    const batcher = new Batcher<Item>(LIMITS);
    batcher.add({ id: 0, bytes: 100, dueMs: 0 }, 100, 0);
    batcher.add({ id: 1, bytes: 0, dueMs: 0 }, 0, 0);
    expect(batcher.full).toBe(false);
    batchOf([0, 1], batcher.take());
  });
});

it('a batch that exactly reaches both limits closes once', () => {
  const batcher = new Batcher<Item>(LIMITS);
  for (let id = 0; id < 5; id++) batcher.add({ id, bytes: 20, dueMs: id }, 20, id);
  expect(batcher.full).toBe(true);
  batchOf([0, 1, 2, 3, 4], batcher.take());
  expect([batcher.empty, batcher.count, batcher.oldestDueMs]).toEqual([true, 0, Number.POSITIVE_INFINITY]);
});

it('adding a record while a full batch was not taken throws', () => {
  const batcher = new Batcher<Item>({ batchRecordsMax: 1, batchBytesMax: 100 });
  batcher.add({ id: 0, bytes: 1, dueMs: 0 }, 1, 0);
  expect(() => batcher.add({ id: 1, bytes: 1, dueMs: 0 }, 1, 0)).toThrow();
});
