import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordBlock, Source } from '../../src/core/record.js';
import { runs } from '../support/runs.js';
import { fileOf, open, type Reading, type ReadRecord, recordsOf } from './support.js';

const DAY_MS = Date.parse('2026-01-02T00:00:00Z');

/** A record, or the reason of a bad one. */
type Item = ReadRecord | string;

/** The records of a block, in order. */
function itemsOf(block: RecordBlock): Item[] {
  const records = recordsOf(block);
  const reasons = block.bad.map(({ index, file, line, reason }) => ({ index, text: `${file}:${line}: ${reason}` }));
  const badBefore = (at: number) => reasons.filter(({ index }) => index === at).map(({ text }) => text);
  return [...records.flatMap((record, at) => [...badBefore(at), record]), ...badBefore(records.length)];
}

async function itemsOfSource(source: Source): Promise<Item[]> {
  const items: Item[] = [];
  for await (const block of source.blocks()) items.push(...itemsOf(block));
  return items;
}

/** The simplest code for a window: everything held is sorted again for each record that arrives. */
function inOrder(items: readonly Item[], windowMs: number): { items: Item[]; late: number } {
  const sorted: Item[] = [];
  let held: { item: Item; atMs: number }[] = [];
  let newestMs = Number.NEGATIVE_INFINITY;
  let leftMs = Number.NEGATIVE_INFINITY;
  let late = 0;
  const leave = (mayLeave: (atMs: number) => boolean) => {
    // Sorting is stable: records of the same time keep their order.
    held.sort((a, b) => a.atMs - b.atMs);
    for (const { item, atMs } of held.filter((one) => mayLeave(one.atMs))) {
      sorted.push(item);
      if (atMs < leftMs) late++;
      leftMs = Math.max(leftMs, atMs);
    }
    held = held.filter((one) => !mayLeave(one.atMs));
  };
  for (const item of items) {
    const atMs = typeof item === 'string' ? newestMs : item.recordedAtMs;
    newestMs = Math.max(newestMs, atMs);
    held.push({ item, atMs });
    leave((ms) => ms <= newestMs - windowMs);
  }
  leave(() => true);
  return { items: sorted, late };
}

/** Rows of data, time, key and hash key, at these milliseconds of the day; undefined: the row is bad. */
function csvOf(times: readonly (number | undefined)[], name: string): string {
  const rows = times.map((ms, n) => {
    const time = ms === undefined ? 'soon' : new Date(DAY_MS + ms).toISOString();
    return `"${name} ""${n}""",${time},key ${n % 3},${n % 2 === 0 ? n * 1_000_003 : ''}`;
  });
  return `data,ts,key,hash\n${rows.join('\n')}\n`;
}

const READING: Reading = { needsTimestamp: true, partitionKeyField: 'key' };

/** Reads files as they are, and in order. */
async function both(files: readonly string[], windowMs: number, reading: Reading = READING) {
  const asTheyAre = await itemsOfSource(await open(files, reading));
  const source = await open(files, { ...reading, reorderWindowMs: windowMs });
  const items = await itemsOfSource(source);
  return { asTheyAre, items, source };
}

const time = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 1, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 100_000 }) },
);

describe('a recording that is out of order', () => {
  it('is put in order within the window, with its bad records, across files', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(time, { minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 16, max: 2_000 }),
        fc.constantFrom('hash', undefined),
        async (recordings, windowMs, chunkBytes, explicitHashKeyField) => {
          const files = recordings.map((times, n) => fileOf(`reorder-${n}.csv`, csvOf(times, `file ${n}`)));
          const { asTheyAre, items, source } = await both(files, windowMs, {
            ...READING,
            chunkBytes,
            explicitHashKeyField,
          });
          const wanted = inOrder(asTheyAre, windowMs);
          expect(items).toEqual(wanted.items);
          expect({ late: source.found.late, early: source.found.early }).toEqual({ late: wanted.late, early: 0 });
        },
      ),
      { numRuns: runs(150) },
    );
  });

  it('is sorted if no row is later than the window, and rows of the same time keep their order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(20), fc.nat(50)), { minLength: 1, maxLength: 200 }), async (steps) => {
        let nowMs = 0;
        const times = steps.map(([stepMs, backMs]) => {
          nowMs += stepMs;
          return nowMs - backMs + 100;
        });
        const { asTheyAre, items, source } = await both([fileOf('jitter.csv', csvOf(times, 'j'))], 50);
        const byTime = (a: Item, b: Item) => (a as ReadRecord).recordedAtMs - (b as ReadRecord).recordedAtMs;
        expect(items).toEqual([...asTheyAre].sort(byTime));
        expect(source.found.late).toBe(0);
      }),
      { numRuns: runs(100) },
    );
  });

  it('is put in order even if it is so long that held records move in memory', { tags: 'long' }, async () => {
    const random = randomNumbers(7);
    const times = Array.from({ length: 30_000 }, (_, n) => n + Math.floor(random() * 9_000));
    const lines = times.map((ms, n) =>
      JSON.stringify({ n, at: DAY_MS + ms, key: `k "${n % 7}"`, padding: 'x'.repeat(n % 900) }),
    );
    const reading = { needsTimestamp: true, timestampField: '.at', partitionKeyField: '.key' };
    const { asTheyAre, items, source } = await both([fileOf('long.ndjson', lines.join('\n'))], 8_000, reading);
    const byTime = new Map<number, Item[]>();
    for (const item of asTheyAre as ReadRecord[]) {
      byTime.set(item.recordedAtMs, [...(byTime.get(item.recordedAtMs) ?? []), item]);
    }
    expect(source.found.late).toBeGreaterThan(0);
    expect(new Set(items.map((item) => JSON.stringify(item)))).toEqual(
      new Set(asTheyAre.map((item) => JSON.stringify(item))),
    );
    let newestMs = 0;
    let late = 0;
    for (const item of items as ReadRecord[]) {
      if (item.recordedAtMs < newestMs) late++;
      newestMs = Math.max(newestMs, item.recordedAtMs);
    }
    expect(late).toBe(source.found.late);
    const wide = await both([fileOf('long.ndjson', lines.join('\n'))], 9_000, reading);
    expect(wide.source.found.late).toBe(0);
    expect(wide.items).toEqual([...byTime].sort(([a], [b]) => a - b).flatMap(([, same]) => same));
  });
});

/** Random numbers in [0, 1), the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
}

describe('the records held', () => {
  it('have a bound in bytes: the oldest leave early, and older ones after them are late', async () => {
    const data = 'x'.repeat(1024 * 1024);
    const rows = Array.from({ length: 70 }, (_, n) => `${data},${1_000_000 + n}`);
    const file = fileOf('large.csv', `data,ts\n${[...rows, 'late,1000002', 'in time,1000050'].join('\n')}\n`);
    const source = await open([file], { needsTimestamp: true, reorderWindowMs: 3_600_000 });
    const lines = (await itemsOfSource(source)).map((item) => (item as ReadRecord).line);
    expect({ late: source.found.late, early: source.found.early }).toEqual({ late: 1, early: 7 });
    // The seventh record that left early made room for the late row.
    expect(lines.filter((line) => line < 72)).toEqual(Array.from({ length: 70 }, (_, n) => n + 2));
    expect(lines.indexOf(72)).toBeLessThan(8);
    expect(lines.indexOf(73)).toBe(lines.indexOf(52) + 1);
  });

  it('have a bound in records', async () => {
    const times = Array.from({ length: 1_000_010 }, (_, n) => 1_000_000_000 + n);
    const file = fileOf('many.csv', `d,ts\n${times.map((ms) => `,${ms}`).join('\n')}\n`);
    const source = await open([file], { needsTimestamp: true, reorderWindowMs: 2_000_000_000 });
    let records = 0;
    for await (const block of source.blocks()) records += block.count;
    expect({ records, late: source.found.late, early: source.found.early }).toEqual({
      records: 1_000_010,
      late: 0,
      early: 10,
    });
  });

  it('count as progress only once they leave', async () => {
    const times = Array.from({ length: 9_000 }, (_, n) => 9_000 - n);
    const csv = csvOf(times, 'p');
    const source = await open([fileOf('progress.csv', csv)], { ...READING, reorderWindowMs: 20_000 });
    const done: number[] = [];
    for await (const _ of source.blocks()) done.push(source.progress(0).done, source.progress(1).done);
    expect(source.progress(1).total).toBe(csv.length);
    expect(done[0]).toBe(0);
    expect(done.at(-1)).toBe(csv.length);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done[1]).toBeCloseTo((csv.length * 4096) / 9_000, -2);
  });
});

describe('a window', () => {
  it('works with a part of a recording, and with a loop, which orders each pass separately', async () => {
    const times = Array.from({ length: 6_000 }, (_, n) => (n % 2 === 0 ? n + 1 : n - 1));
    const part = { from: { ms: 999, sinceFirst: true }, to: { ms: 4_999, sinceFirst: true } };
    const file = fileOf('loop.csv', csvOf(times, 'l'));
    for (const [picked, count] of [
      [part, 4_000],
      [undefined, 6_000],
    ] as const) {
      const source = await open([file], { ...READING, part: picked, loop: true, reorderWindowMs: 2 });
      const seen: number[] = [];
      for await (const block of source.blocks()) {
        seen.push(...recordsOf(block).map(({ recordedAtMs }) => recordedAtMs - DAY_MS));
        if (seen.length >= 3 * count) break;
      }
      const firstMs = picked === undefined ? 0 : 1_000;
      expect(seen.slice(0, 3 * count)).toEqual(Array.from({ length: 3 * count }, (_, n) => firstMs + n));
      expect(source.found.late).toBe(0);
    }
  });

  it('works with recorded calls, whose records have the time of their row', async () => {
    const call = (n: number) =>
      JSON.stringify({
        StreamName: 'orders',
        Records: [1, 2].map((at) => ({ Data: Buffer.from(`${n}.${at}`).toString('base64'), PartitionKey: 'k' })),
      });
    const rows = [3, 1, 2].map((n) => `"${call(n).replaceAll('"', '""')}",${1_000_000 + n}`);
    const source = await open([fileOf('calls.csv', `d,ts\n${rows.join('\n')}\n`)], {
      needsTimestamp: true,
      unwrap: 'auto',
      reorderWindowMs: 5_000,
    });
    const items = (await itemsOfSource(source)) as ReadRecord[];
    expect(items.map(({ data }) => data)).toEqual(['1.1', '1.2', '2.1', '2.2', '3.1', '3.2']);
  });

  it('holds records of a silent pipe no longer than its own length by the clock', async () => {
    const stdin = new PassThrough();
    const source = await open(['-'], { needsTimestamp: true, reorderWindowMs: 60, stdin });
    const blocks = source.blocks()[Symbol.asyncIterator]();
    const next = async () => {
      const { value } = await blocks.next();
      return itemsOf(value as RecordBlock).map((item) => (item as ReadRecord).data);
    };
    stdin.write('d,ts\nb,1700000000010\na,1700000000001\n');
    expect(await next()).toEqual(['a', 'b']);
    // It is older than the last one that left, and leaves at once; the other one leaves after the next silence.
    stdin.write('late,1700000000005\nc,1700000000011\n');
    expect(await next()).toEqual(['late']);
    expect(await next()).toEqual(['c']);
    stdin.end('e,1700000000030\nd,1700000000020\n');
    expect(await next()).toEqual(['d', 'e']);
    expect((await blocks.next()).done).toBe(true);
    expect(source.found.late).toBe(1);
  });

  it('does not delay a run that ends while a pipe is silent', async () => {
    const stdin = new PassThrough();
    const source = await open(['-'], { needsTimestamp: true, reorderWindowMs: 30, stdin });
    const blocks = source.blocks()[Symbol.asyncIterator]();
    stdin.write('d,ts\na,1000\n');
    await blocks.next();
    const ended = blocks.return?.();
    stdin.end();
    await ended;
    expect((await blocks.next()).done).toBe(true);
  });
});
