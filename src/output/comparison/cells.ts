import { type ComparedMetric, type CompareGate, type Comparison, intervalText } from '../../core/comparison.js';
import { formatCount, formatDuration, formatLatency, formatPercent, formatRate } from '../../core/units.js';

/** What all forms of a comparison say in the same words. */

const NAMES_SHOWN = 4;
export const COLUMNS = ['metric', 'base', 'new', 'ratio', '95 % interval', 'verdict'] as const;

/** The cells of a metric, for people. */
export function cellsOf(row: ComparedMetric): readonly string[] {
  const value = (n: number | null): string => (n === null ? '–' : valueText(n, row.unit));
  const ratio = row.ratio === null ? '–' : row.ratio.toFixed(row.ratio < 10 ? 3 : 1);
  return [row.metric, value(row.base), value(row.new), ratio, intervalText(row), row.verdict];
}

function valueText(value: number, unit: ComparedMetric['unit']): string {
  if (unit === 'ms') return formatLatency(value);
  if (unit === 'perSecond') return `${formatRate(value)}/s`;
  return value > 0 && value < 0.001 ? `${(value * 100).toFixed(3)} %` : formatPercent(value);
}

/** 'worse: latency.p50, latency.p99' */
export function verdictText({ verdict, metrics }: Comparison): string {
  if (verdict === 'no difference shown') return verdict;
  const rows = metrics.filter((row) => row.verdict === verdict);
  if (verdict === 'cannot tell' || verdict === 'not comparable') {
    return `${verdict}: ${[...new Set(rows.map(({ reason }) => reason))][0]}`;
  }
  return `${verdict}: ${rows.map(({ metric }) => metric).join(', ')}`;
}

/** Why metrics have no verdict, unless the verdict of the whole comparison says it. */
export function reasonTexts(comparison: Comparison): string[] {
  const byReason = new Map<string, string[]>();
  for (const { metric, verdict, reason } of comparison.metrics) {
    if (reason === null) continue;
    const text = `${verdict}: ${reason}`;
    byReason.set(text, [...(byReason.get(text) ?? []), metric]);
  }
  byReason.delete(verdictText(comparison));
  return [...byReason].map(([text, names]) => {
    const shown = names.slice(0, NAMES_SHOWN).join(', ');
    const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '';
    return `${shown}${more}: ${text}`;
  });
}

/** 'base.json: 5m 00s, 600,000 records' for each run of a side. */
export function runTexts(comparison: Comparison, side: 'base' | 'new'): string[] {
  return comparison[side].map(
    ({ file, durationMs, sent }) => `${file}: ${formatDuration(durationMs)}, ${formatCount(sent)} records`,
  );
}

/** What a gate came to. */
export function gateText({ state, got }: CompareGate): string {
  if (state === 'holds') return `holds: ${got}`;
  if (state === 'shown') return `crossed: ${got}`;
  return state === 'not shown' ? `not shown to be crossed: ${got}` : `${state}: ${got}`;
}

/** How the intervals were made, and what limits them. */
export function noteTexts({ method, alsoDiffers, notes }: Comparison): string[] {
  const how = howText(method);
  const differs = alsoDiffers.map(({ field, base, new: changed }) => `${field} ${base} against ${changed}`);
  return [
    ...(how === undefined ? [] : [how]),
    ...notes,
    ...(differs.length === 0 ? [] : [`Also set differently: ${differs.join('; ')}.`]),
  ];
}

function howText(method: Comparison['method']): string | undefined {
  if (method.kind === 'runs') return 'The intervals come from the exact U test over runs.';
  if (method.blockSeconds === null) return undefined;
  return `The intervals come from ${formatCount(method.resamples)} resamples of blocks of ${method.blockSeconds} s (seed ${method.seed}).`;
}
