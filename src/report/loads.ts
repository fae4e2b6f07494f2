import type { LoadReport } from '../core/report.js';
import { formatCount, formatLatency, formatRate } from '../core/units.js';

/** What tables of loads say about each, after its name. */
export const LOAD_COLUMNS = ['sent', 'records/s', 'asked', 'p99', 'lag p99', 'throttled', 'failed', 'exit'] as const;

/** The cells of `LOAD_COLUMNS`. */
export function loadCells({ records, rps, latencyMs, scheduleLagMs, throttled, outcome }: LoadReport): string[] {
  const hasLatency = latencyMs.fromIntended.count > 0;
  return [
    formatCount(records.sent),
    formatRate(rps.achieved),
    rps.target === null ? '–' : formatRate(rps.target),
    hasLatency ? formatLatency(latencyMs.fromIntended.p99) : '–',
    hasLatency ? formatLatency(scheduleLagMs.p99) : '–',
    formatCount(throttled.records),
    formatCount(records.failed),
    String(outcome.exitCode),
  ];
}
