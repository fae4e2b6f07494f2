import type { LiveSecond, LiveView } from '../core/live.js';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatLatency,
  formatPercent,
  formatRecordRate,
} from '../core/units.js';
import { shortageText } from './capacity.js';

/**
 * A run in lines for logs: one for each view, and another when the stream turns out to be too small.
 */
export class ProgressLines {
  /** The conclusion printed last. */
  #shortage: string | undefined;

  lines(view: LiveView): string[] {
    const { capacity } = view;
    const text = shortageText(capacity);
    // The figures change with each record, the conclusion does not.
    const shortage = text && `${capacity?.shardsNeeded} ${capacity?.hotKey?.key}`;
    const isNews = text !== undefined && shortage !== this.#shortage;
    this.#shortage = shortage;
    return isNews ? [progressLine(view), `      ${text}`] : [progressLine(view)];
  }
}

/** A run in one line, for logs: what happened in the last second, and the progress. */
export function progressLine(view: LiveView): string {
  const last = view.seconds.at(-1);
  const { sent, failed, rejected } = view.records;
  const achieved = last === undefined ? '-' : formatCount(last.sent);
  const target = view.rpsTarget === undefined ? undefined : (last?.target ?? view.rpsTarget);
  const rate =
    target === undefined
      ? `${achieved} record${last?.sent === 1 ? '' : 's'}/s`
      : `${achieved} of ${formatRecordRate(target)}`;
  const parts = [
    // Rounded down: otherwise lines a second apart would sometimes skip a second.
    formatDuration(Math.floor(view.elapsedMs / 1000) * 1000).padStart(4),
    rate,
    `sent ${formatCount(sent)} (${formatBytes(view.bytesSent)})`,
    `p50 ${latencyText(last, last?.p50)}`,
    `p99 ${latencyText(last, last?.p99)}`,
  ];
  if (view.throttled > 0) parts.push(`throttled ${formatCount(view.throttled)}`);
  if (failed > 0) parts.push(`failed ${formatCount(failed)}`);
  if (rejected > 0) parts.push(`rejected ${formatCount(rejected)}`);
  if (view.phase === 'paused') parts.push('paused');
  if (view.notice !== undefined) parts.push(view.notice);
  else if (view.progress !== undefined) parts.push(formatPercent(view.progress.done / view.progress.total));
  return parts.join('  ');
}

/** A second without a response has no latency. */
function latencyText(second: LiveSecond | undefined, ms = 0): string {
  return second === undefined || second.sent === 0 ? '-' : formatLatency(ms);
}
