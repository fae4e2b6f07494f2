import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IntervalReport, Report } from '../../src/core/report.js';
import { renderHtml } from '../../src/output/html/page.js';
import { buildReport } from '../../src/report/build.js';
import { FACTS, totalsOfTwoWorkers } from '../report/reports.js';
import { randomFrom } from '../support/random.js';

const report = (changes: Partial<Report> = {}): Report => ({ ...buildReport(FACTS, totalsOfTwoWorkers()), ...changes });
const contentOf = (html: string): string => html.slice(html.indexOf('<main>')).replaceAll(/<[^>]*>/g, '|');

describe('the page of a report', () => {
  it('says the verdict first, then what was asked and found', () => {
    const crossed = { threshold: 'behind < 1s', ok: false, value: 2000, got: '2.00 s', shard: null, since: 4 };
    const outcome = { exitCode: 99, reason: 'threshold crossed: behind < 1s', hint: null };
    const text = contentOf(renderHtml(report({ thresholds: [crossed], outcome })));
    expect(text).toMatch(
      /kload run to orders[\s\S]*Failed \(exit code 99\)[\s\S]*threshold crossed[\s\S]*crossed\|.*behind &lt; 1s/,
    );
    expect(text).toContain('read 13 = sent 8 + failed 2 + rejected 2 + unsent 1');
    expect(contentOf(renderHtml(report()))).toContain('|Passed|');
  });

  it('has a table behind each chart', () => {
    const html = renderHtml(report());
    const charts = html.match(/<svg /g)!.length;
    const ids = ['rate', 'lag', 'latency', 'percentiles', 'histogram', 'heat', 'shards'];
    // The heat map has one inside.
    expect(charts).toBe(ids.length + 1);
    expect(html.match(/<summary>As a table/g)).toHaveLength(ids.length);
    for (const id of ids) expect(html).toContain(`id="${id}-t"`);
  });

  it('says how the input was read, what each worker sent, and what it ran on', () => {
    const text = contentOf(renderHtml(report()));
    expect(text).toMatch(/orders-of-the-first-week\.csv\|+CSV with a header, delimiter &#39;;&#39;\|/);
    expect(text).toMatch(/worker 1\|+4\|+50\.0 %\|+400 B/);
    expect(text).toContain('InternalFailure');
    expect(text).toMatch(/a\.csv:3\|+no data field/);
    expect(text).toMatch(/schedule\.rps\|+5\n/);
    expect(text).toContain(process.versions.node);
  });

  it('shows the shards that throttled over time, the hottest first', () => {
    const html = renderHtml(report());
    expect(contentOf(html)).toContain('The hottest of 3 shards is shardId-000000000000: 100 % of the records');
    const [heat = ''] = /id="heat-t".*?<ul/s.exec(html) ?? [];
    const labels = [...heat.matchAll(/<text class="tick end"[^>]*>(\d+)<\/text>/g)].map(([, label]) => label);
    expect(labels).toEqual(['0', '7', '1']);
    // Of two seconds, shard 0 throttled in the first, and shard 7 in the second, where it took nothing.
    expect(heat).toMatch(/<path class="cell mark2" [^>]*d="M0 0\.\d+h1M1 1\.\d+h1"/);
  });

  it('leaves out what a run has not', () => {
    const html = renderHtml(report({ shardsOverTime: null, shards: [], target: { ...report().target, kind: 'null' } }));
    expect(html).not.toContain('id="heat-t"');
    expect(html).not.toContain('Shards');
  });

  it('is a report of any run, also of one that sent nothing', () => {
    const nothing = { read: 0, sent: 0, failed: 0, rejected: 0, unsent: 0, maybeDuplicated: 0, inDoubt: 0 };
    const empty = report({ records: nothing, intervals: [], histogram: [], shards: [], workers: [], errors: {} });
    expect(renderHtml(empty)).not.toMatch(/NaN|Infinity|undefined/);
    expect(renderHtml(report())).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('allows nothing but its own style sheet', () => {
    const html = renderHtml(report());
    const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(html) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(html).toContain(
      `content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`,
    );
    expect(html).not.toMatch(/<script|<link|<img|\ssrc=|\shref=|\sstyle=|\son[a-z]+=|url\(|@import/);
  });

  it('takes at most 300 kB for an hour with 64 shards, also if no second is like another', () => {
    const next = randomFrom(1);
    const upTo = (max: number) => Math.round(next() * max);
    const times = () => ({ p50: 1000 * next(), p90: 2000 * next(), p99: 5000 * next(), max: 99_999 * next() });
    const ofSecond = (_: unknown, t: number): IntervalReport => ({
      ...{ t, offered: upTo(64_000), sent: upTo(64_000), failed: upTo(9999), throttled: upTo(64_000) },
      ...{ retried: upTo(64_000), target: upTo(64_000), ...times(), scheduleLagMs: times(), hdrHistogram: null },
    });
    const ids = Array.from({ length: 64 }, (_, i) => `shardId-0000000${10_000 + i}`);
    // As many columns as a heat map has, so that their means differ as much.
    const series = () =>
      Array.from({ length: 120 }, () => upTo(1500)).flatMap((n) => Array.from({ length: 30 }, () => n));
    const hour = report({
      intervals: Array.from({ length: 3600 }, ofSecond),
      durationMs: 3_600_000,
      shards: ids.map((id) => ({ id, sent: upTo(5e6), bytes: upTo(5e9), throttled: upTo(5e6) })),
      shardsOverTime: {
        ...{ stepSeconds: 1, others: null },
        shards: ids.map((id) => ({ id, sent: series(), throttled: series().map((n) => (n > 750 ? n / 5 : 0)) })),
      },
    });
    const html = renderHtml(hour);
    expect(Buffer.byteLength(html)).toBeLessThan(300_000);
    expect(contentOf(html)).toContain('Each point stands for 10s');
  });

  it('holds any text without leaving its place', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom('</style><script>x</script>', '"><img src=x>', "'", '\u0000', '\ud800', '<!--'),
    );
    const elements = (html: string) => html.match(/<[a-z!/][^>]*>/gi)!.length;
    const named = (name: string): string => {
      const { target, shards, config } = report();
      return renderHtml(
        report({
          target: { ...target, stream: name, endpoint: name },
          shards: shards.map((shard) => ({ ...shard, id: name })),
          errors: { [name]: 1 },
          config: { ...config, partitionKey: name },
          outcome: { exitCode: 4, reason: name, hint: null },
        }),
      );
    };
    const wanted = elements(named('orders'));
    fc.assert(
      fc.property(hostile, (name) => {
        const html = named(name);
        expect(elements(html)).toBe(wanted);
        expect(html).not.toMatch(/\p{Cs}/u);
      }),
    );
  });
});
