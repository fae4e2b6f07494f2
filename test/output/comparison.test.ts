import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ComparedReports, Comparison } from '../../src/core/comparison.js';
import { renderComparisonMarkdown } from '../../src/output/comparison/markdown.js';
import { renderComparisonHtml } from '../../src/output/comparison/page.js';
import { comparisonLines } from '../../src/output/comparison/text.js';
import { buildReport } from '../../src/report/build.js';
import { FACTS, totalsOfTwoWorkers } from '../report/reports.js';

const run = { file: 'a.json', startedAt: '2026-01-02T03:04:05Z', durationMs: 300_000, sent: 1000, exitCode: 0 };
const COMPARISON: Comparison = {
  schema: 'kload.comparison/1',
  verdict: 'worse',
  base: [run],
  new: [{ ...run, file: 'b.json' }],
  method: { kind: 'seconds', seed: 1, resamples: 1000, blockSeconds: 12 },
  notComparable: [],
  alsoDiffers: [{ field: 'config.lingerMs', base: '5', new: '50' }],
  metrics: [
    {
      ...{ metric: 'latency.p99', unit: 'ms', base: 100, new: 120, ratio: 1.2, interval: { low: 1.15, high: 1.26 } },
      ...{ verdict: 'worse', reason: null },
    },
    {
      ...{ metric: 'throttled.rate', unit: 'share', base: 0, new: 0.0005, ratio: null, verdict: 'better' },
      ...{ interval: { low: -0.001, high: 0.002 }, reason: null },
    },
    {
      ...{ metric: 'lag.max', unit: 'ms', base: null, new: 3, ratio: null, interval: null, verdict: 'cannot tell' },
      reason: 'one record decides',
    },
  ],
  gates: [{ failIf: 'latency.p99 > +5%', state: 'shown', ok: false, got: '+20.0 % (+15.0 % to +26.0 %)' }],
  notes: ['b.json ended with exit code 5: records failed.'],
};

function comparedOf(changes: Partial<Comparison> = {}): ComparedReports {
  const report = buildReport(FACTS, totalsOfTwoWorkers());
  return { comparison: { ...COMPARISON, ...changes }, base: [report], new: [report] };
}

it('lines have the table, the verdict, the gates, and what limits them', () => {
  const lines = comparisonLines(COMPARISON);
  expect(lines.map((line) => line.replaceAll(/ {2,}/g, '  '))).toEqual([
    '  base  a.json: 5m 00s, 1,000 records',
    '  new  b.json: 5m 00s, 1,000 records',
    '',
    '  metric  base  new  ratio  95 % interval  verdict',
    '  latency.p99  100 ms  120 ms  1.200  +15.0 % to +26.0 %  worse',
    '  throttled.rate  0.0 %  0.050 %  –  -0.10 pp to +0.20 pp  better',
    '  lag.max  –  3.0 ms  –  –  cannot tell',
    '',
    '  worse: latency.p99',
    '',
    '  FAILED  latency.p99 > +5%  crossed: +20.0 % (+15.0 % to +26.0 %)',
    '',
    '  lag.max: cannot tell: one record decides',
    '  The intervals come from 1,000 resamples of blocks of 12 s (seed 1).',
    '  b.json ended with exit code 5: records failed.',
    '  Also set differently: config.lingerMs 5 against 50.',
  ]);
  const columns = lines.slice(3, 7).map((line) => line.search(/(verdict|worse|better|cannot tell)$/));
  expect(new Set(columns).size).toBe(1);
});

/** Names with anything in them that HTML or Markdown would obey. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('</style><script>x</script>', '"><img src=x>', 'a|b', '`x`', '![a](http://x)', '\u0000\ud800'),
);
const named = (name: string): ComparedReports =>
  comparedOf({
    base: [{ ...run, file: name }],
    alsoDiffers: [{ field: 'config.lingerMs', base: name, new: name }],
    notes: [name],
    metrics: COMPARISON.metrics.map((row) => ({ ...row, reason: row.reason && name })),
  });

describe('the page', () => {
  it('draws both runs, and has the verdict first', () => {
    const html = renderComparisonHtml(comparedOf());
    expect(html.replaceAll(/<[^>]*>/g, '|')).toMatch(/kload compare\|[\s\S]*worse: latency\.p99[\s\S]*Failed/);
    for (const id of ['change', 'percentiles', 'p50', 'p99', 'rate']) expect(html).toContain(`id="${id}-t"`);
    expect(html.match(/class="line a"/g)!.length).toBeGreaterThan(3);
    expect(html.match(/class="line c"/g)!.length).toBeGreaterThan(3);
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('is a page of any runs, also of those that sent nothing', () => {
    const { comparison, base } = comparedOf();
    const empty = { ...base[0]!, intervals: [], hdrHistograms: { ...base[0]!.hdrHistograms } };
    expect(renderComparisonHtml({ comparison, base: [empty], new: [empty] })).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('allows nothing but its own style sheet, and holds any text without leaving its place', () => {
    const html = renderComparisonHtml(comparedOf());
    const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(html) ?? [];
    expect(html).toContain(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(html).not.toMatch(/<script|<link|<img|\ssrc=|\shref=|\sstyle=|\son[a-z]+=|url\(|@import/);
    const elements = (text: string) => text.match(/<[a-z!/][^>]*>/gi)!.length;
    const wanted = elements(renderComparisonHtml(named('a')));
    fc.assert(fc.property(hostile, (name) => elements(renderComparisonHtml(named(name))) === wanted));
  });
});

it('Markdown holds any text without obeying it', () => {
  const markup = (text: string) => text.match(/[<>|`[\]*_!\n\\]/g)?.join('');
  const wanted = markup(renderComparisonMarkdown(named('a')));
  fc.assert(fc.property(hostile, (name) => markup(renderComparisonMarkdown(named(name))) === wanted));
  expect(renderComparisonMarkdown(comparedOf())).toMatch(/^### ❌ kload compare: worse: latency\.p99\n/);
});
