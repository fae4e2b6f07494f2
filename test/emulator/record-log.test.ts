import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecordBatch } from '../../src/emulator/store/record-batch.js';
import { RecordLog } from '../../src/emulator/store/record-log.js';
import type { RecordSpan } from '../../src/emulator/store/record-page.js';
import { SegmentPool } from '../../src/emulator/store/segment-pool.js';
import { runs } from '../support/runs.js';

/** `data` is base64, since strings compare quickly. */
interface Entry {
  readonly position: number;
  readonly atMs: number;
  readonly key: string;
  readonly data: string;
}

type Step =
  | { readonly do: 'put'; readonly key: string; readonly size: number; readonly pauseMs: number }
  | { readonly do: 'read'; readonly at: number; readonly count: number; readonly bytesMax: number }
  | { readonly do: 'find'; readonly at: number }
  | { readonly do: 'trim'; readonly at: number };

const share = fc.double({ min: 0, max: 1, noNaN: true });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('put' as const),
        key: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
        size: fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 40_000 })),
        pauseMs: fc.nat({ max: 5 }),
      }),
    },
    fc.record({
      do: fc.constant('read' as const),
      at: share,
      count: fc.integer({ min: 1, max: 50 }),
      bytesMax: fc.nat({ max: 60_000 }),
    }),
    fc.record({ do: fc.constant('find' as const), at: share }),
    fc.record({ do: fc.constant('trim' as const), at: fc.double({ min: 0, max: 0.5, noNaN: true }) }),
  ),
  { maxLength: 300 },
);

/** A plain array, which the log must behave like. */
class Model {
  entries: Entry[] = [];
  next = 1;

  read(position: number, count: number, bytesMax: number): Entry[] {
    const found: Entry[] = [];
    let bytes = 0;
    for (const entry of this.entries.filter((entry) => entry.position >= position).slice(0, count)) {
      bytes += Buffer.byteLength(entry.key) + Buffer.byteLength(entry.data, 'base64');
      if (bytes > bytesMax && found.length > 0) break;
      found.push(entry);
    }
    return found;
  }
}

function append(log: RecordLog, key: string, data: Buffer, atMs: number): number {
  const batch = RecordBatch.take();
  batch.add(key, data, undefined);
  const position = log.append(batch, 0, atMs);
  batch.release();
  return position;
}

function entriesOf(spans: readonly RecordSpan[]): Entry[] {
  return spans.flatMap(({ segment, from, end }) =>
    Array.from({ length: end - from }, (_, i) => ({
      position: from + i,
      atMs: segment.atMs(from + i),
      key: segment.key(from + i),
      data: segment.data(from + i).toString('base64'),
    })),
  );
}

describe('a record log', () => {
  test('returns what was put, from any position, by time, and after trimming', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const log = new RecordLog(new SegmentPool(1e9));
        const model = new Model();
        const startMs = 1_000_000;
        let now = startMs;
        const timeAt = (at: number) => Math.floor(startMs - 1 + at * (now - startMs + 3));
        for (const step of script) {
          if (step.do === 'put') {
            now += step.pauseMs;
            const data = Buffer.alloc(step.size, `${model.next} `);
            expect(append(log, step.key, data, now)).toBe(model.next);
            model.entries.push({ position: model.next++, atMs: now, key: step.key, data: data.toString('base64') });
          } else if (step.do === 'trim') {
            log.trim(timeAt(step.at));
            model.entries = model.entries.filter(({ atMs }) => atMs >= timeAt(step.at));
          } else if (step.do === 'find') {
            const expected = model.entries.find(({ atMs }) => atMs >= timeAt(step.at))?.position ?? model.next;
            expect(log.positionAt(timeAt(step.at))).toBe(expected);
          } else {
            const position = Math.floor(step.at * (model.next + 1));
            const expected = model.read(position, step.count, step.bytesMax);
            expect(entriesOf(log.read(position, step.count, step.bytesMax))).toEqual(expected);
          }
          expect(log.oldest).toBe(model.entries[0]?.position ?? model.next);
          expect(log.next).toBe(model.next);
        }
      }),
      { numRuns: runs(60) },
    );
  });

  test('stays within the memory of its pool, which drops the oldest records of all logs first', () => {
    const bytesMax = 1024 * 1024;
    const pool = new SegmentPool(bytesMax);
    const logs = [new RecordLog(pool), new RecordLog(pool)];
    const data = Buffer.alloc(1000, 'x');
    for (let i = 0; i < 6000; i++) {
      append(logs[i % 2]!, `key ${i}`, data, i);
      expect(pool.bytes).toBeLessThanOrEqual(bytesMax);
    }
    for (const [i, log] of logs.entries()) {
      expect(log.oldest).toBeGreaterThan(1);
      const [oldest] = entriesOf(log.read(1, 1, 1));
      expect(oldest).toMatchObject({ position: log.oldest, key: `key ${2 * (log.oldest - 1) + i}` });
      expect(oldest?.data).toBe(data.toString('base64'));
      const newest = entriesOf(log.read(log.oldest, 10_000, 1e9)).at(-1);
      expect(newest).toMatchObject({ position: 3000, key: `key ${5998 + i}` });
    }
  });

  test('accepts a record larger than any segment, and releases all memory when it is cleared', () => {
    const pool = new SegmentPool(64 * 1024 * 1024);
    const log = new RecordLog(pool);
    const data = Buffer.alloc(10 * 1024 * 1024 - 1, 'abcdefg');
    append(log, 'k', data, 5);
    append(log, 'l', Buffer.alloc(0), 5);
    expect(entriesOf(log.read(1, 10, 1))).toEqual([{ position: 1, atMs: 5, key: 'k', data: data.toString('base64') }]);
    expect(entriesOf(log.read(2, 10, 1))).toEqual([{ position: 2, atMs: 5, key: 'l', data: '' }]);
    log.clear();
    expect(pool.bytes).toBe(0);
    expect(log.read(1, 10, 1)).toEqual([]);
  });
});
