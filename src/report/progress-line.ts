import type { LiveView } from '../core/live.js';
import { formatBytes, formatCount, formatDuration, formatLatency, formatPercent } from '../core/units.js';

/** A run in one line, for logs: what happened in the last second, and how far it has come. */
export function progressLine(view: LiveView): string {
  const last = view.seconds.at(-1);
  const { sent, failed, rejected } = view.records;
  const target = view.rpsTarget === undefined ? '' : ` of ${formatCount(view.rpsTarget)}`;
  const parts = [
    formatDuration(view.elapsedMs).padStart(4),
    `${formatCount(last?.sent ?? 0)}${target} records/s`,
    `sent ${formatCount(sent)} (${formatBytes(view.bytesSent)})`,
    `p50 ${formatLatency(last?.p50 ?? 0)}`,
    `p99 ${formatLatency(last?.p99 ?? 0)}`,
  ];
  if (view.throttled > 0) parts.push(`throttled ${formatCount(view.throttled)}`);
  if (failed > 0) parts.push(`failed ${formatCount(failed)}`);
  if (rejected > 0) parts.push(`rejected ${formatCount(rejected)}`);
  if (view.phase === 'paused') parts.push('paused');
  if (view.notice !== undefined) parts.push(view.notice);
  else if (view.progress !== undefined) parts.push(formatPercent(view.progress.done / view.progress.total));
  return parts.join('  ');
}
