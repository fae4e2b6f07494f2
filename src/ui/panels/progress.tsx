import { Box } from 'ink';
import type { LiveProgress } from '../../core/live.js';
import { formatBytes, formatCount, formatDuration } from '../../core/units.js';
import type { Strip } from '../panel.js';
import { bar } from '../plot.js';
import { Line, Span } from '../style.js';

const BAR_COLUMNS_MIN = 8;
const FORMATS: Record<LiveProgress['unit'], (n: number) => string> = {
  records: formatCount,
  bytes: formatBytes,
  ms: formatDuration,
};

/** `████████░░░░  43.2 %  1,200,000 of 2,800,000  ETA 2m 10s`; not shown if the end is not known. */
export const progress: Strip = {
  name: 'progress',
  rows: ({ progress }) => (progress === undefined ? 0 : 1),
  Body({ view: { progress }, columns }) {
    if (progress === undefined) return null;
    const { done, total, unit, etaMs } = progress;
    const share = total > 0 ? Math.max(0, Math.min(1, done / total)) : 0;
    const format = FORMATS[unit];
    const percent = `${(Math.floor(share * 1000) / 10).toFixed(1)} %`.padStart(8);
    const counts = `  ${format(done).padStart(format(total).length)} of ${format(total)}  `;
    const eta = (etaMs === undefined ? '–' : formatDuration(etaMs)).padEnd(7);
    const words = percent.length + counts.length + 'ETA '.length + eta.length;
    const [filled, empty] = bar(share, Math.max(BAR_COLUMNS_MIN, columns - words));
    return (
      <Box width={columns} height={1}>
        <Line>
          <Span tone="good">{filled}</Span>
          <Span tone="dim">{empty}</Span>
          <Span tone="strong">{percent}</Span>
          <Span tone="dim">{counts}ETA </Span>
          <Span tone="strong">{eta}</Span>
        </Line>
      </Box>
    );
  },
};

/** `recording at 2026-03-01 12:00:05 UTC   next record in 3m 12s`; only for a run that follows recorded moments. */
export const recording: Strip = {
  name: 'recording',
  rows: ({ recording }) => (recording === undefined ? 0 : 1),
  Body({ view: { recording } }) {
    if (recording === undefined) return null;
    const { atMs, nextDueInMs } = recording;
    const next = nextDueInMs < 1000 ? 'due now' : `in ${formatDuration(nextDueInMs)}`;
    return (
      <Line>
        <Span tone="dim">recording at </Span>
        <Span tone="strong">{momentText(atMs)}</Span>
        <Span tone="dim">{'   next record '}</Span>
        <Span tone="strong">{next}</Span>
      </Line>
    );
  },
};

/** 2026-03-01 12:00:05 UTC; a number for what is beyond the calendar. */
function momentText(epochMs: number): string {
  const date = new Date(epochMs);
  if (Number.isNaN(date.getTime())) return `${formatCount(epochMs)} ms`;
  return `${date.toISOString().slice(0, -5).replace('T', ' ')} UTC`;
}
