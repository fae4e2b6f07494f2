import type { IntervalReport, Report } from '../core/report.js';

const COLUMNS = ['t', 'offered', 'sent', 'failed', 'throttled', 'retried', 'p50', 'p90', 'p99', 'max'] as const;
const LAG_COLUMNS = { lagP50: 'p50', lagP99: 'p99', lagMax: 'max' } as const;
const HEADER = [...COLUMNS, ...Object.keys(LAG_COLUMNS), 'target'];
/** Of a longer time in which nothing happened, only the first and the last second have a row. */
const EMPTY_ROWS_MAX = 60;

/**
 * A row for each second of the run, also for most of those in which nothing happened. Times are milliseconds. A target
 * that is not known is empty.
 */
export function renderCsv({ intervals }: Report): string {
  const rows: string[] = [];
  let next = 0;
  for (const interval of intervals) {
    rows.push(...emptyRows(next, interval.t), row(interval));
    next = interval.t + 1;
  }
  return `${[HEADER.join(','), ...rows].join('\n')}\n`;
}

function row(interval: IntervalReport): string {
  const lags = Object.values(LAG_COLUMNS).map((key) => interval.scheduleLagMs[key]);
  return [...COLUMNS.map((column) => interval[column]), ...lags, interval.target ?? ''].join(',');
}

/** Rows of zeros for the seconds from `first` to before `end`. */
function emptyRows(first: number, end: number): string[] {
  const count = end - first;
  const seconds = count <= EMPTY_ROWS_MAX ? Array.from({ length: count }, (_, i) => first + i) : [first, end - 1];
  return seconds.map((t) => `${t}${',0'.repeat(HEADER.length - 2)},`);
}
