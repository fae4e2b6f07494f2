import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueQueue } from '../../../src/run/worker/due-queue.js';
import { packOf, pendingIn, pendingOf } from '../records.js';

function takeAll(inbox: DueQueue, nowMs: number): string[] {
  const taken: string[] = [];
  for (let one = inbox.takeDue(nowMs); one !== undefined; one = inbox.takeDue(nowMs)) taken.push(dataOf(one));
  return taken;
}

function dataOf(record: { readonly data: Uint8Array }): string {
  return Buffer.from(record.data).toString();
}

describe('the due queue', () => {
  it('returns every record once, in input order, and none before its time', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 10 });
    fc.assert(
      fc.property(sizes, fc.infiniteStream(fc.integer({ min: 0, max: 30 })), (packSizes, steps) => {
        const inbox = new DueQueue();
        const due = new Map<string, number>();
        let dueMs = 0;
        for (const size of packSizes) {
          const records = Array.from({ length: size }, () => {
            dueMs += steps.next().value ?? 0;
            due.set(String(due.size), dueMs);
            return { data: String(due.size - 1), dueMs };
          });
          inbox.add(packOf(records));
        }
        const taken: string[] = [];
        for (let nowMs = 0; nowMs <= dueMs; nowMs += 7) {
          const now = takeAll(inbox, nowMs);
          for (const data of now) expect(due.get(data)).toBeLessThanOrEqual(nowMs);
          taken.push(...now);
          expect(inbox.dueMs()).toBe(due.get(String(taken.length)) ?? Number.POSITIVE_INFINITY);
        }
        taken.push(...takeAll(inbox, dueMs));
        expect(taken).toEqual([...due.keys()]);
      }),
    );
  });

  it('reuses recycled records, and nothing of the old ones is left', () => {
    const inbox = new DueQueue();
    const pack = inbox.add(packOf([{ data: 'a', key: 'k' }, { data: 'b' }]));
    const first = inbox.takeDue(0)!;
    const asNew = { ...pendingIn(pack, 1) };
    for (const field of Object.keys(first)) Object.assign(first, { [field]: 'of the first' });
    first.settle();
    inbox.recycle(first);
    const second = inbox.takeDue(0)!;
    expect(second).toBe(first);
    expect({ ...second }).toEqual(asNew);
    expect([dataOf(second), second.key]).toEqual(['b', '']);
    expect(second.settle()).toBeDefined();
  });

  it('knows when a later record of the first pack is due', () => {
    const inbox = new DueQueue();
    expect(inbox.dueMs()).toBe(Number.POSITIVE_INFINITY);
    inbox.add(
      packOf([
        { data: 'a', dueMs: 10 },
        { data: 'b', dueMs: 20 },
        { data: 'c', dueMs: 30 },
      ]),
    );
    inbox.add(packOf([{ data: 'd', dueMs: 40 }]));
    inbox.takeDue(10);
    expect([inbox.dueMs(), inbox.dueMs(1), inbox.dueMs(2)]).toEqual([20, 30, Number.POSITIVE_INFINITY]);
  });

  it('returns an older record that came late after those before it', () => {
    const inbox = new DueQueue();
    inbox.add(
      packOf([
        { data: 'a', dueMs: 100 },
        { data: 'older', dueMs: -50 },
        { data: 'c', dueMs: 200 },
      ]),
    );
    expect(takeAll(inbox, 99)).toEqual([]);
    expect(takeAll(inbox, 100)).toEqual(['a', 'older']);
  });

  it('returns records without a schedule at once; taking them sets their intended time', () => {
    const inbox = new DueQueue();
    inbox.add(
      packOf([
        { data: 'a', dueMs: Number.NEGATIVE_INFINITY },
        { data: 'b', dueMs: 3 },
      ]),
    );
    const intended = [0, 1].map(() => {
      const record = inbox.takeDue(1234)!;
      record.takeTurn(1250);
      record.takeTurn(1300);
      return record.intendedAtMs;
    });
    expect(intended).toEqual([1250, 3]);
  });
});

describe('a pending record', () => {
  it('knows the ranges and the size of its data and key', () => {
    expect(pendingOf({ data: 'abc', key: '🔑' })).toMatchObject({ key: '🔑', bytes: 3 + 4 });
    const { source, dataStart, dataEnd, keyStart, keyEnd } = pendingOf({ data: 'é', key: '鍵' });
    expect(source.toString('utf8', dataStart, dataEnd)).toBe('é');
    expect(source.toString('utf8', keyStart, keyEnd)).toBe('鍵');
  });

  it('returns its pack when the last record of it is settled', () => {
    const pack = { records: packOf([{ data: 'a' }, { data: 'b' }, { data: 'c' }]), unsettled: 3 };
    const records = [0, 1, 2].map((i) => pendingIn(pack, i));
    expect([records[1]!.settle(), records[2]!.settle(), records[0]!.settle()]).toEqual([undefined, undefined, pack]);
  });
});
