import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IntervalReport, Report } from '../../src/core/report.js';
import { renderHtml } from '../../src/output/html/page.js';
import { buildReport } from '../../src/report/build.js';
import { FACTS, totalsOfTwoWorkers } from '../report/reports.js';

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
    expect(charts).toBe(5);
    expect(html.match(/<summary>As a table/g)).toHaveLength(charts);
    for (const id of ['rate', 'latency', 'percentiles', 'histogram', 'shards']) expect(html).toContain(`id="${id}-t"`);
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

  it('takes at most 300 kB for an hour', () => {
    const [interval] = report().intervals;
    const varied = (t: number): IntervalReport => ({
      ...interval!,
      t,
      sent: 4000 + t,
      p99: 10 + t / 7,
      max: 123.456 * t,
    });
    const hour = report({ intervals: Array.from({ length: 3600 }, (_, t) => varied(t)), durationMs: 3_600_000 });
    expect(renderHtml(hour).length).toBeLessThan(300_000);
    expect(contentOf(renderHtml(hour))).toContain('Each point stands for 6 seconds');
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
