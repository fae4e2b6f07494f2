import type { HistogramBar } from '../../core/report.js';
import { columnChart } from '../bars.js';
import { dim, type Line, type Size, span } from '../text.js';

const BAR_COLUMNS_MAX = 6;
const LABEL_GAP = 2;

/** Merges neighbours until no more than `most` bars are left. */
function mergeBars(bars: readonly HistogramBar[], most: number): HistogramBar[] {
  const each = Math.ceil(bars.length / most);
  return Array.from({ length: each === 0 ? 0 : Math.ceil(bars.length / each) }, (_, i) => {
    const group = bars.slice(i * each, (i + 1) * each);
    const count = group.reduce((sum, bar) => sum + bar.count, 0);
    return { fromMs: group[0]!.fromMs, toMs: group.at(-1)!.toMs, count };
  });
}

/** Milliseconds with enough digits to tell neighbours apart, or seconds for long times. */
function axisLabel(ms: number): string {
  if (ms >= 10_000) return `${Math.round(ms / 1000)}s`;
  return ms >= 100 ? ms.toFixed(0) : String(Number(ms.toPrecision(2)));
}

/** Labels where bars begin, as many as there is room for. */
function axis(bars: readonly HistogramBar[], wide: number, columns: number): string {
  let line = '';
  for (const [index, bar] of bars.entries()) {
    const label = axisLabel(bar.fromMs);
    const at = index * wide;
    const end = at + label.length;
    if ((line === '' || at >= line.length + LABEL_GAP) && end <= columns - ' ms'.length) line = line.padEnd(at) + label;
  }
  return `${line} ms`;
}

/** A bar for each range of latencies, with the latencies below. */
export function histogramLines(histogram: readonly HistogramBar[], { columns, rows }: Size): Line[] {
  if (rows < 2) return [];
  const bars = mergeBars(histogram, columns);
  if (bars.length === 0) return [[], [dim('no latencies yet')]];
  const wide = Math.max(1, Math.min(BAR_COLUMNS_MAX, Math.floor(columns / bars.length)));
  const gap = wide > 2 ? 1 : 0;
  const counts = bars.map((bar) => bar.count);
  const max = Math.max(1, ...counts);
  const chart = columnChart(counts, max, rows - 1).map((row): Line => {
    const stretched = wide === 1 ? row : row.replace(/./g, (block) => block.repeat(wide - gap) + ' '.repeat(gap));
    return [span('bar', stretched)];
  });
  return [...chart, [dim(axis(bars, wide, columns))]];
}
