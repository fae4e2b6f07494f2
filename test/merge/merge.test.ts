import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/report.js';
import type { NamedReport } from '../../src/merge/check-parts.js';
import { mergeParts } from '../../src/merge/merge.js';
import { renderHtml } from '../../src/output/html/page.js';
import { renderMarkdown } from '../../src/output/markdown.js';
import { summary } from '../../src/report/summary.js';
import { runs } from '../support/runs.js';
import { asPart, type Event, type Part, part, pooled, SENT } from './made-parts.js';

/** Judged from merged reports exactly as by one run. */
const EXACT = [
  'latency.p99 < 500ms',
  'latency.mean < 800ms',
  'service.p90 < 300ms',
  'lag.max < 4s',
  'latency.p50 < 1s over 2s',
  'latency.max < 6s over 3s for 2s',
  'latency.p99 < 3s after 3s',
  'failed.rate < 20%',
  'throttled.rate < 30% over 2s',
  'retried.rate < 50% abort',
  'records.sent > 20',
  'records.failed < 4 over 3s',
  'rps.achieved > 2',
  'rps.achieved > 1 over 2s',
  'rps.deviation < 90%',
  'shard(*).throttled.rate < 30%',
  'shard(shardId-1).throttled.rate < 50%',
  'shard(*).utilization < 1%',
  'records.maybeDuplicated < 3',
];
/** If they are said to hold, they do. */
const SOUND = [
  'service.p99 < 1s over 3s',
  'lag.p90 < 2s over 2s',
  'lag.p50 < 4s after 2s',
  'shard(*).throttled.rate < 60% over 3s',
  'shard(*).utilization < 60% over 2s',
  'bytes.rate < 2MB over 2s',
  'records.maybeDuplicated < 3 over 2s',
  'latency.p50 > 1ms over 4s',
];

function named(reports: readonly Report[]): NamedReport[] {
  return reports.map((report, i) => ({ file: `part-${i + 1}.json`, report: asPart(report, i + 1, reports.length) }));
}

/** Parts that begin together, as behind a barrier. */
const together = fc
  .array(part, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.map((one): Part => ({ ...one, startSeconds: 0 })));

describe('the reports of parts, merged', () => {
  it('have the thresholds of one run that did it all', () => {
    const all = [...EXACT, ...SOUND];
    fc.assert(
      fc.property(together, (parts) => {
        const whole = pooled(parts, all);
        const merged = mergeParts(named(parts.map((one) => pooled([one], all))), false).report;
        for (const [i, threshold] of all.entries()) {
          const [found, expected] = [merged.thresholds[i]!, whole.thresholds[i]!];
          if (EXACT.includes(threshold)) expect([threshold, found.ok]).toEqual([threshold, expected.ok]);
          else if (found.ok) expect([threshold, expected.ok]).toEqual([threshold, true]);
          if (EXACT.includes(threshold) && expected.value !== null) expect(found.value).toBeCloseTo(expected.value, 6);
        }
      }),
      { numRuns: runs(300) },
    );
  });

  it('say that the value of a threshold is unknown if only some parts crossed it', () => {
    const threshold = 'service.p99 < 100ms over 2s';
    const request = (ms: number): Event => ({ ...SENT, kind: 'request', atMs: 9_000, lateMs: ms, bytes: 6 });
    const parts = [10, 1000].map((ms) => pooled([{ startSeconds: 0, events: [SENT, request(ms)] }], [threshold]));
    if (parts.some(({ thresholds }) => thresholds[0]!.value === null)) throw new Error('there are no samples');
    const { report } = mergeParts(named(parts), false);
    expect(report.thresholds[0]).toMatchObject({
      ok: false,
      got: expect.stringMatching(/unknown from the parts.* 1\.0\d* s/),
    });
    expect(report.outcome.exitCode).toBe(99);
  });

  it('pass if the whole holds a threshold that one part crossed', () => {
    const slow = pooled([{ startSeconds: 0, events: [{ ...SENT, lateMs: 900 }] }], ['latency.p50 < 100ms']);
    const fast = pooled([{ startSeconds: 0, events: [SENT, SENT, SENT] }], ['latency.p50 < 100ms']);
    expect(slow.outcome.exitCode).toBe(99);
    const { report } = mergeParts(named([fast, slow]), false);
    expect(report.outcome).toEqual({ exitCode: 0, reason: null, hint: null });
  });

  it('fail as the worst part did, and name it', () => {
    const good = pooled([{ startSeconds: 0, events: [SENT] }]);
    const ended = (exitCode: number, reason: string): Report => ({
      ...good,
      outcome: { exitCode, reason, hint: null },
    });
    const outcome = (...reports: Report[]) => mergeParts(named(reports), false).report.outcome;
    expect(outcome(good, ended(4, 'no such stream'), ended(130, 'interrupted'))).toMatchObject({
      exitCode: 4,
      reason: 'part 2 of 3: no such stream',
    });
    expect(outcome(good, ended(130, 'interrupted'), ended(130, 'interrupted'))).toMatchObject({
      exitCode: 130,
      reason: 'parts 2 and 3 of 3: interrupted',
    });
    expect(outcome(good, pooled([{ startSeconds: 0, events: [{ ...SENT, kind: 'failed' }] }])).exitCode).toBe(5);
    const abort = pooled([{ startSeconds: 0, events: [SENT] }], ['latency.p50 < 1ms abort']);
    expect(outcome(abort, abort)).toMatchObject({ exitCode: 99, reason: /^parts 1 and 2 of 2: / });
  });

  it('align the parts by the target clock, where they know it better than theirs may be wrong', () => {
    const report = pooled([{ startSeconds: 0, events: [SENT] }]);
    const ahead = { ...report, startedAt: new Date(Date.parse(report.startedAt) + 30_000).toISOString() };
    const at = (clock: { offsetMs: number; uncertaintyMs: number }) =>
      mergeParts(
        [
          { file: 'a.json', report: asPart(report, 1, 2) },
          { file: 'b.json', report: asPart(ahead, 2, 2, { clock }) },
        ],
        false,
      ).report.intervals.map(({ t, sent }) => [t, sent]);
    expect(at({ offsetMs: 30_100, uncertaintyMs: 500 })).toEqual([[0, 2]]);
    expect(at({ offsetMs: 30_100, uncertaintyMs: 40_000 })).toEqual([
      [0, 1],
      [30, 1],
    ]);
  });

  it('say who was throttled where, in the report, the page and the summary', () => {
    const throttled: Event = { ...SENT, kind: 'throttled' };
    const one = pooled([{ startSeconds: 0, events: [SENT, throttled] }]);
    const two = pooled([
      { startSeconds: 0, events: [SENT, throttled, throttled, { ...throttled, shard: 'shardId-2' }] },
    ]);
    const { report } = mergeParts(named([one, two]), false);
    expect(report.throttled).toEqual({ records: 4, byShard: { 'shardId-0': 3, 'shardId-2': 1 } });
    expect(report.merged!.parts.map(({ throttled }) => throttled.byShard)).toEqual([
      { 'shardId-0': 1 },
      { 'shardId-0': 2, 'shardId-2': 1 },
    ]);
    expect(renderHtml(report)).toMatch(/<td>shardId-0<td>2<td>2/);
    expect(summary(report)).toContain('throttled from 1 (part 1) to 3 (part 2) times');
    expect(renderMarkdown(report)).toContain('2 of 2, split by key');
  });

  describe('are refused', () => {
    const report = pooled([{ startSeconds: 0, events: [SENT] }]);
    const file = (name: string, of: Report): NamedReport => ({ file: name, report: of });
    const [a, b, c] = [1, 2, 3].map((number) => file(`${number}.json`, asPart(report, number, 3)));

    it('if one is missing, unless that is allowed', () => {
      expect(() => mergeParts([a!, c!], false)).toThrow('part 2 of 3 is missing');
      expect(() => mergeParts([b!], false)).toThrow('parts 1 and 3 of 3 are missing');
      const merged = mergeParts([c!, a!], true).report;
      expect(merged.merged).toMatchObject({ missing: [2], of: 3 });
      expect(merged.records.sent).toBe(2);
      expect(summary(merged)).toContain('part 2 of 3 is missing');
    });

    it('if one is there twice', () => {
      const again = file('again.json', b!.report);
      expect(() => mergeParts([a!, b!, c!, again], false)).toThrow('part 2 of 3 is there twice: 2.json and again.json');
    });

    it('if one is not a part, or merged already', () => {
      expect(() => mergeParts([a!, file('x.json', report)], false)).toThrow(
        'x.json: the report is of a run that was not',
      );
      const merged = file('all.json', mergeParts([a!, b!, c!], false).report);
      expect(() => mergeParts([merged, a!], false)).toThrow('all.json: the report is merged already');
    });

    it('if they are of different runs, with what differs', () => {
      const other = (changes: Partial<Report>, part = {}) =>
        file('other.json', asPart({ ...report, ...changes }, 2, 3, { runId: 'fedcba9876543210', ...part }));
      const { config } = report;
      const faster = { ...config, schedule: { ...config.schedule, rps: 7 } } as Report['config'];
      const reasons = [
        other({ config: faster }),
        other({}, { of: 4 }),
        other({}, { by: 'file' }),
        other({ host: { ...report.host, kload: '9.9.9' } }),
        other({}),
      ].map((one) => {
        try {
          return mergeParts([a!, one, c!], false);
        } catch (error) {
          return String(error).replace(/^.*same run as 1.json: /, '');
        }
      });
      expect(reasons).toEqual([
        'its schedule.rps is 7 instead of 5',
        'it is part 2 of 4, and the other is part 1 of 3',
        'its records were split by file instead of key',
        `kload 9.9.9 wrote it instead of ${report.host.kload}`,
        'its input differs',
      ]);
    });
  });

  it('come with a notice if a part began after another had ended', () => {
    const report = pooled([{ startSeconds: 0, events: [SENT] }]);
    const late = { ...report, startedAt: new Date(Date.parse(report.startedAt) + 3_600_000).toISOString() };
    expect(mergeParts(named([report, late]), false).notices).toEqual([
      'part-2.json began 59m 50s after part-1.json had ended: check that both are of one run',
    ]);
    expect(mergeParts(named([report, report]), false).notices).toEqual([]);
  });
});
