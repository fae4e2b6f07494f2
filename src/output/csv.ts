import type { IntervalReport, Report } from '../core/report.js';

const COLUMNS = ['t', 'offered', 'sent', 'failed', 'throttled', 'retried', 'p50', 'p90', 'p99', 'max'] as const;
const NOTHING = Object.fromEntries(COLUMNS.map((column) => [column, 0]));

/** A row for each second of the run, also for those in which nothing happened. Latencies are milliseconds. */
export function renderCsv({ intervals }: Report): string {
  const byTime = new Map(intervals.map((interval) => [interval.t, interval]));
  const end = (intervals.at(-1)?.t ?? -1) + 1;
  const rows = Array.from({ length: end }, (_, t) => {
    const interval = byTime.get(t) ?? ({ ...NOTHING, t } as unknown as IntervalReport);
    return COLUMNS.map((column) => interval[column]).join(',');
  });
  return `${[COLUMNS.join(','), ...rows].join('\n')}\n`;
}
