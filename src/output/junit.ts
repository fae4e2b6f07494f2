import type { Report, ThresholdReport } from '../core/report.js';
import { escaped } from './escaped.js';

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
