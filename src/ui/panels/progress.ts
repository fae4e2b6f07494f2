import type { LiveProgress, LiveView } from '../../core/live.js';
import { formatBytes, formatCount, formatDuration } from '../../core/units.js';
import { progressBar } from '../bars.js';
import { bright, dim, type Line, span, widthOfLine } from '../text.js';

const FORMATS = {
  records: (n: number) => formatCount(n),
  bytes: formatBytes,
  ms: formatDuration,
} as const;

function shareOf({ done, total }: LiveProgress): number {
  return total > 0 ? Math.max(0, Math.min(1, done / total)) : 0;
}

/** `████████░░░░  43.2 %  1,200,000 of 2,800,000  ETA 2m 10s`; no line if the end is not known. */
export function progressLines(view: LiveView, columns: number): Line[] {
  const { progress } = view;
  if (progress === undefined) return [];
  const format = FORMATS[progress.unit];
  const share = shareOf(progress);
  const total = format(progress.total);
  const eta = progress.etaMs === undefined ? '–' : formatDuration(progress.etaMs);
  const words = [
    bright(`${(Math.floor(share * 1000) / 10).toFixed(1)} %`.padStart(8)),
    dim(`  ${format(progress.done).padStart(total.length)} of ${total}`),
    dim('  ETA '),
    bright(eta.padEnd(7)),
  ];
  const { filled, empty } = progressBar(share, Math.max(8, columns - widthOfLine(words)));
  return [[span('good', filled), dim(empty), ...words]];
}
