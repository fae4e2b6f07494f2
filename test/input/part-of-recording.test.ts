import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedPart } from '../../src/core/recording.js';
import { runs } from '../support/runs.js';
import { dataOf, fileOf, open, type Reading, readText, recordsOf, textOf } from './support.js';

const DAY_MS = Date.parse('2026-01-02T00:00:00Z');
const at = (ms: number) => ({ ms: DAY_MS + ms, sinceFirst: false });
const since = (ms: number) => ({ ms, sinceFirst: true });

function partOf(from: RecordedPart['from'], to: RecordedPart['to'], more: Reading = {}): Reading {
  return { needsTimestamp: true, part: { from, to }, ...more };
}

/** Rows with their line number as data, at these milliseconds of the day; undefined: without a time. */
function csvOf(times: readonly (number | undefined)[]): string {
  const rows = times.map((ms, n) => `${n + 2},${ms === undefined ? 'soon' : new Date(DAY_MS + ms).toISOString()}`);
  return `n,ts\n${rows.join('\n')}\n`;
}

describe('a part of a recording', () => {
  it('holds the records from one moment on and before another, anywhere in the file', async () => {
    const time = fc.oneof(
      { weight: 20, arbitrary: fc.integer({ min: 0, max: 1000 }) },
      { weight: 1, arbitrary: fc.constant(undefined) },
    );
    const bound = fc.option(fc.integer({ min: -100, max: 1100 }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(
        fc.array(time, { minLength: 1, maxLength: 60 }),
        bound,
        bound,
        fc.integer({ min: 16, max: 300 }),
        async (times, fromMs, toMs, chunkBytes) => {
          const part = partOf(fromMs === undefined ? undefined : at(fromMs), toMs === undefined ? undefined : at(toMs));
          const result = await readText('part.csv', csvOf(times), { ...part, chunkBytes });
          const isIn = (ms: number) => ms >= (fromMs ?? Number.NEGATIVE_INFINITY) && ms < (toMs ?? Infinity);
          const wanted = times.flatMap((ms, n) => (ms !== undefined && isIn(ms) ? [String(n + 2)] : []));
          expect(dataOf(result)).toEqual(wanted);
          // Records without a time are reported, wherever they are.
          expect(result.bad).toEqual(
            times.flatMap((ms, n) =>
              ms === undefined
                ? [`part.csv:${n + 2}: timestamp 'soon' in column 'ts' is not RFC 3339 or an epoch number`]
                : [],
            ),
          );
          expect(result.error === undefined).toBe(wanted.length > 0 || times.every((ms) => ms === undefined));
        },
      ),
      { numRuns: runs(200) },
    );
  });

  it('is all that progress counts, because records before it are never sent', async () => {
    const file = fileOf('progress.csv', csvOf(Array.from({ length: 20_000 }, (_, n) => n)));
    for (const reorderWindowMs of [undefined, 1000]) {
      const source = await open([file], partOf(at(19_000), undefined, { chunkBytes: 4096, reorderWindowMs }));
      const seen: number[] = [];
      for await (const _ of source.blocks()) {
        const [{ done }, { total = 0 }] = [source.progress(0), source.progress(1)];
        seen.push(done / total);
      }
      expect(seen[0]).toBe(0);
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect(source.progress(1).done).toBe(source.progress(1).total);
      expect(source.progress(1).total).toBeGreaterThan(0);
    }
  });

  it('may be relative to the first record, even if that is not the earliest', async () => {
    const csv = csvOf([500, 100, 600, 700, 800]);
    expect(dataOf(await readText('r.csv', csv, partOf(since(100), since(300))))).toEqual(['4', '5']);
    expect(dataOf(await readText('r.csv', csv, partOf(since(0), undefined)))).toEqual(['2', '4', '5', '6']);
    expect(dataOf(await readText('r.csv', csv, partOf(at(100), since(100))))).toEqual(['2', '3']);
  });

  it('keeps bad records at their positions', async () => {
    const source = await open(
      [fileOf('bad.csv', csvOf([1, undefined, 500, undefined, 600, undefined]))],
      partOf(at(500), at(550)),
    );
    const seen: string[] = [];
    for await (const block of source.blocks()) {
      seen.push(...recordsOf(block).map(({ line }) => `record ${line}`));
      seen.push(...block.bad.map(({ index, line }) => `bad ${line} before record ${index}`));
    }
    expect(seen).toEqual(['record 4', 'bad 3 before record 0', 'bad 5 before record 1', 'bad 7 before record 1']);
    expect(source.found.outside).toBe(2);
  });

  it('is repeated by a loop, and records outside are counted once', async () => {
    const times = Array.from({ length: 9000 }, (_, n) => n);
    const source = await open([fileOf('l.csv', csvOf(times))], partOf(since(2000), since(8000), { loop: true }));
    const lines: number[] = [];
    const recordedMs: number[] = [];
    for await (const block of source.blocks()) {
      for (const { line, recordedAtMs } of recordsOf(block)) {
        lines.push(line);
        recordedMs.push(recordedAtMs - DAY_MS);
      }
      if (lines.length >= 18_000) break;
    }
    expect(lines.slice(0, 18_000)).toEqual(Array.from({ length: 18_000 }, (_, n) => 2002 + (n % 6000)));
    // Passes follow each other at the pace of the records.
    expect(recordedMs.slice(0, 18_000)).toEqual(Array.from({ length: 18_000 }, (_, n) => 2000 + n));
    expect(source.found.outside).toBe(3000);
  });

  it('that holds no record is an error, which names the times of the recording', async () => {
    const { error } = await readText('n.csv', csvOf([0, 1000]), partOf(at(-5000), at(0)));
    expect(textOf(error)).toBe(
      'input: no record lies in the part that --from and --to name ' +
        '(from 2026-01-01T23:59:55.000Z to before 2026-01-02T00:00:00.000Z) ' +
        '(the recording goes from 2026-01-02T00:00:00.000Z to 2026-01-02T00:00:01.000Z)',
    );
    const later = await readText('n.csv', csvOf([0, 1000]), partOf(since(1001), undefined));
    expect(textOf(later.error)).toContain('(from 2026-01-02T00:00:01.001Z)');
    const looped = await readText('n.csv', csvOf([0, 1000]), partOf(since(1001), undefined, { loop: true }));
    expect(textOf(looped.error)).toContain('no record lies in the part');
  });

  it('needs records with times', async () => {
    expect(textOf((await readText('t.ndjson', '{"a":1}\n', partOf(since(1), undefined))).error)).toContain(
      '--timestamp-field',
    );
    expect(textOf((await readText('t.csv', 'a\n1\n', partOf(since(1), undefined))).error)).toContain(
      "no column for the records' times",
    );
  });
});
