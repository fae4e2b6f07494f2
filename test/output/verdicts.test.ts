import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/report.js';
import { renderCsv } from '../../src/output/csv.js';
import { renderJunit } from '../../src/output/junit.js';
import { renderMarkdown } from '../../src/output/markdown.js';
import { buildReport } from '../../src/report/build.js';
import { FACTS, totalsOfTwoWorkers } from '../report/reports.js';

const THRESHOLDS: Report['thresholds'] = [
  { threshold: 'latency.p99 < 200ms over 10s', ok: true, value: 61.2, got: '61.2 ms', shard: null, since: null },
  { threshold: 'shard(*).utilization < 80%', ok: false, value: 1.2, got: '120 %', shard: 'shardId-1', since: 4 },
];
const reportOf = (): Report => buildReport(FACTS, totalsOfTwoWorkers());
const crossed = (): Report => ({
  ...reportOf(),
  thresholds: THRESHOLDS,
  outcome: { exitCode: 99, reason: 'threshold crossed: shard(*).utilization < 80%', hint: null },
});

/** Names with anything in them that XML, HTML or Markdown would obey. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '</code><script>x</script>',
    'a|b',
    ']]>',
    '`x`',
    '![a](http://x)',
    '\u0000\u001b[2J',
    '\ud800',
    '&amp;',
  ),
);

describe('JUnit', () => {
  it('has a test case for the run and for each threshold', () => {
    const lines = renderJunit(crossed()).split('\n');
    expect(lines[1]).toMatch(/^<testsuites name="kload" tests="3" failures="1" errors="0" skipped="0" time="2\.000">$/);
    expect(lines.slice(3, 6)).toEqual([
      '    <testcase classname="kload" name="the run" time="2.000"/>',
      '    <testcase classname="kload" name="latency.p99 &lt; 200ms over 10s" time="0.000"/>',
      '    <testcase classname="kload" name="shard(*).utilization &lt; 80%" time="0.000">' +
        '<failure message="got 120 % (shardId-1) from second 4"/></testcase>',
    ]);
  });

  it('fails the run itself for any other reason', () => {
    const report = { ...reportOf(), outcome: { exitCode: 4, reason: 'the stream is gone', hint: null } };
    expect(renderJunit(report)).toMatch(/failures="1"[\s\S]*name="the run" .*<failure message="the stream is gone"\/>/);
  });

  it('holds any text without leaving its attribute', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const report = crossed();
        const named = {
          ...report,
          target: { ...report.target, stream: name },
          outcome: { exitCode: 4, reason: name, hint: null },
        };
        const xml = renderJunit(named);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: XML forbids them
        expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
        expect(xml).not.toMatch(/\p{Cs}/u);
        const brackets = (text: string) => text.replaceAll(/"[^"<>]*"/g, '').match(/[<>]/g)!.length;
        // The run's own failure is one element more.
        expect(brackets(xml)).toBe(brackets(renderJunit(crossed())) + 4);
      }),
    );
  });
});

describe('Markdown', () => {
  it('begins with the verdict', () => {
    expect(renderMarkdown(crossed())).toMatch(
      /^### ❌ failed: kload run to <code>orders<\/code> at 5\.0 records\/s\n\nExit code 99: threshold crossed/,
    );
    expect(renderMarkdown(crossed())).toContain(
      '| ❌ | <code>shard&#40;&#42;&#41;.utilization'.replace('&#40;', '(').replace('&#41;', ')'),
    );
    expect(renderMarkdown(reportOf())).toMatch(/^### ✅ passed/);
  });

  it('holds any text without obeying it', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const report = crossed();
        const markdown = renderMarkdown({
          ...report,
          target: { ...report.target, stream: name },
          errors: { [name]: 3 },
        });
        const plain = renderMarkdown({ ...report, target: { ...report.target, stream: 'a' }, errors: { a: 3 } });
        const markup = (text: string) => text.match(/[<>|`[\]*_!\n\\]/g)?.join('');
        expect(markup(markdown)).toBe(markup(plain));
      }),
    );
  });
});

describe('CSV', () => {
  it('has a row for each second, also for one in which nothing happened', () => {
    const { intervals } = reportOf();
    const gap = { ...reportOf(), intervals: [intervals[0]!, { ...intervals[0]!, t: 2, sent: 7 }] };
    const rows = renderCsv(gap).trimEnd().split('\n');
    expect(rows[0]).toBe('t,offered,sent,failed,throttled,retried,p50,p90,p99,max,lagP50,lagP99,lagMax,target');
    expect(rows.map((row) => row.split(',')[0])).toEqual(['t', '0', '1', '2']);
    expect(rows[2]).toBe('1,0,0,0,0,0,0,0,0,0,0,0,0,');
    expect(rows[3]!.split(',')[2]).toBe('7');
  });

  it('shows a long gap by its first and its last second, so that it draws as a gap', () => {
    const [interval] = reportOf().intervals;
    const at = [0, 61, 123, 4_000_000].map((t) => ({ ...interval!, t }));
    const rows = renderCsv({ ...reportOf(), intervals: at })
      .trimEnd()
      .split('\n')
      .slice(1);
    const times = rows.map((row) => Number(row.split(',')[0]));
    expect(times).toEqual([...Array(62).keys(), 62, 122, 123, 124, 3_999_999, 4_000_000]);
  });
});
