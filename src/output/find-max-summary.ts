import type { FindMaxReport, TrialReport } from '../core/find-max.js';
import { formatCount, formatDuration, formatLatency, formatRecordRate } from '../core/units.js';
import { terminalText } from '../system/terminal-text.js';
import { shardsText } from '../target/kind.js';
import { targetKind } from '../target/kinds.js';

const LABEL_WIDTH = 12;

/** The result of a search for people. */
export function findMaxSummary(report: FindMaxReport): string {
  const { trials, target, durationMs, limit } = report;
  const lines = [
    line('maximum', maximumText(report)),
    ...(limit === null ? [] : [line('limit', limitText(limit))]),
    ...(report.shards === null ? [] : [line('shards', shardText(report, report.shards))]),
    line('trials', `${formatCount(trials.length)} in ${formatDuration(durationMs)}`),
    ...targetKind(target.kind)
      .describe(target)
      .map((text, at) => line(at === 0 ? 'target' : '', text)),
  ];
  return ['', ...lines, ''].join('\n');
}

/** 'held, p99 8.1 ms' or 'broke throttled.rate < 1%: 3.4 % (shardId-000000000001)'. */
export function trialText({ held, broke, p99, achieved }: TrialReport): string {
  if (held || broke === null) return `held: p99 ${formatLatency(p99)}, achieved ${formatRecordRate(achieved)}`;
  return `broke ${breachText(broke)}`;
}

/** 'throttled.rate < 1%: 3.4 % (shardId-000000000001)'. */
export function breachText({ slo, got, shard }: NonNullable<TrialReport['broke']>): string {
  return `${slo}: ${got}${shard === null ? '' : ` (${shard})`}`;
}

function line(label: string, text: string): string {
  return terminalText(`  ${label.padEnd(LABEL_WIDTH)}${text}`);
}

export function maximumText({ maxRps, confirmed, search }: FindMaxReport): string {
  if (maxRps === null) return 'not found: no rate held';
  const how = confirmed ? `held for ${formatDuration(search.confirmMs)}` : 'NOT CONFIRMED: the search ended early';
  return `${formatRecordRate(maxRps)}, ${how}`;
}

export function limitText({ rps, ...breach }: NonNullable<FindMaxReport['limit']>): string {
  return `${formatRecordRate(rps)} broke ${breachText(breach)}`;
}

export function shardText(
  { target }: FindMaxReport,
  { maxRpsPerShard, wanted }: NonNullable<FindMaxReport['shards']>,
): string {
  const { words } = targetKind(target.kind);
  const each = `${formatRecordRate(maxRpsPerShard)} for each of ${shardsText(words, target.shards)}`;
  if (wanted === null) return each;
  return `${each}: ${formatRecordRate(wanted.rps)} need ${shardsText(words, wanted.shards)}`;
}
