import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Batch } from '../../src/batch/batches.js';
import { PartitionBatcher } from '../../src/batch/partition-batcher.js';

interface Item {
  readonly n: number;
  /** -1: any partition. */
  readonly wanted: number;
  readonly bytes: number;
  shardIndex: number;
}

const LIMITS = { batchRecordsMax: 4, batchBytesMax: 20 };
const PARTITIONS = 3;

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ wanted: fc.integer({ min: -1, max: PARTITIONS - 1 }), bytes: fc.nat({ max: 30 }) }),
    },
    { weight: 2, arbitrary: fc.constant('take' as const) },
    { weight: 1, arbitrary: fc.nat().map((settle) => ({ settle })) },
  ),
  { maxLength: 200 },
);

const batcher = () => new PartitionBatcher<Item>(LIMITS, PARTITIONS, ({ wanted }) => wanted);
const itemOf = (n: number, wanted = 0, bytes = 1): Item => ({ n, wanted, bytes, shardIndex: -1 });

describe('with any sequence of adds, takes and settlements', () => {
  it('each partition returns its items in order, one batch at a time, within the limits', () =>
    fc.assert(
      fc.property(steps, (all) => {
        const batches = batcher();
        const added: Item[] = [];
        const taken: Batch<Item>[] = [];
        const underWay: number[] = [];
        const take = () => {
          expect(batches.empty).toBe(false);
          const batch = batches.take()!;
          const [{ shardIndex }] = batch.items as [Item];
          expect(batch.items.every((item) => item.shardIndex === shardIndex)).toBe(true);
          expect(underWay).not.toContain(shardIndex);
          underWay.push(shardIndex);
          taken.push(batch);
        };
        const settle = (at: number) => batches.settled(underWay.splice(at % underWay.length, 1)[0]!);
        for (const step of all) {
          if (step === 'take') {
            if (!batches.empty) take();
          } else if ('settle' in step) {
            if (underWay.length > 0) settle(step.settle);
          } else {
            if (batches.full) take();
            const item = { n: added.length, ...step, shardIndex: -1 };
            added.push(item);
            batches.add(item, item.bytes, item.n);
          }
          const waiting = added.filter((item) => !taken.some(({ items }) => items.includes(item)));
          expect(batches.count).toBe(waiting.length);
          expect(batches.oldestHeldMs).toBe(Math.min(Number.POSITIVE_INFINITY, ...waiting.map(({ n }) => n)));
          const free = waiting.filter(({ shardIndex }) => !underWay.includes(shardIndex));
          expect(batches.empty).toBe(free.length === 0);
          // It may be too early, never too late.
          expect(batches.oldestDueMs).toBeLessThanOrEqual(
            Math.min(Number.POSITIVE_INFINITY, ...free.map(({ n }) => n)),
          );
          expect(Number.isFinite(batches.oldestDueMs)).toBe(free.length > 0);
        }
        while (batches.count > 0) {
          if (batches.empty) settle(0);
          else take();
        }
        for (const { items, bytes } of taken) {
          expect(bytes).toBe(items.reduce((sum, item) => sum + item.bytes, 0));
          expect(items.length).toBeLessThanOrEqual(LIMITS.batchRecordsMax);
          expect(items.length === 1 || bytes <= LIMITS.batchBytesMax).toBe(true);
        }
        for (let shardIndex = 0; shardIndex < PARTITIONS; shardIndex++) {
          const order = taken.flatMap(({ items }) => items).filter((item) => item.shardIndex === shardIndex);
          expect(order).toEqual(order.toSorted((a, b) => a.n - b.n));
        }
        expect(taken.flatMap(({ items }) => items)).toHaveLength(added.length);
        expect(added.every(({ wanted, shardIndex }) => wanted === -1 || wanted === shardIndex)).toBe(true);
      }),
    ));
});

it('a busy partition gathers its next batch, which may go once the batch before is settled', () => {
  const batches = batcher();
  batches.add(itemOf(0), 1, 0);
  expect(batches.take()!.items).toHaveLength(1);
  for (let n = 1; n <= 4; n++) batches.add(itemOf(n), 1, n);
  expect([batches.empty, batches.full, batches.take()]).toEqual([true, false, undefined]);
  batches.settled(0);
  expect(batches.full).toBe(true);
  expect(batches.take()!.items.map(({ n }) => n)).toEqual([1, 2, 3, 4]);
});

it('items for any partition fill one batch at a time, in one partition after the other', () => {
  const batches = batcher();
  const items = Array.from({ length: 13 }, (_, n) => itemOf(n, -1));
  for (const item of items) batches.add(item, 1, item.n);
  expect(items.map(({ shardIndex }) => shardIndex)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 0]);
});
