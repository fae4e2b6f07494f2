import type { Report, ThresholdReport } from '../core/report.js';

/** JUnit's XML: a test case for each threshold, and one for the run itself. CI systems show it beside their tests. */
export function renderJunit(report: Report): string {
  const { thresholds, outcome, durationMs, startedAt, target } = report;
  // A crossed threshold has its own test case.
  const isRunFailed = outcome.exitCode !== 0 && outcome.exitCode !== 99;
  const cases = [
    testCase('the run', isRunFailed ? (outcome.reason ?? 'records failed') : undefined, durationMs / 1000),
    ...thresholds.map((one) => testCase(one.threshold, one.ok ? undefined : failureText(one))),
  ];
  const failures = thresholds.filter(({ ok }) => !ok).length + (isRunFailed ? 1 : 0);
  const name = target.stream === null ? 'kload' : `kload ${target.stream}`;
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="0"`;
  const time = `time="${(durationMs / 1000).toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="kload" ${counts} ${time}>`,
    `  <testsuite name="${escaped(name)}" timestamp="${startedAt.replace(/\.\d+Z$/, 'Z')}" ${counts} ${time}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(name: string, failure: string | undefined, seconds = 0): string {
  const head = `    <testcase classname="kload" name="${escaped(name)}" time="${seconds.toFixed(3)}"`;
  return failure === undefined ? `${head}/>` : `${head}><failure message="${escaped(failure)}"/></testcase>`;
}

function failureText({ got, shard, since }: ThresholdReport): string {
  const where = shard === null ? '' : ` (${shard})`;
  return `got ${got}${where}${since === null ? '' : ` from second ${since}`}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Characters that XML 1.0 cannot hold in any form: controls and halves of surrogate pairs. */
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

function escaped(text: string): string {
  return text.replaceAll(NOT_XML, '\u{fffd}').replaceAll(/[&<>"']/g, (char) => ENTITIES[char]!);
}
