import { BOUNDS_SECONDS, classicCounts } from './buckets.js';
import type { RunFigures } from './figures.js';
import { type HistogramMetric, METRICS, type Metric, type NumberMetric, seconds } from './metrics.js';

/** The two text formats that Prometheus reads. It asks for OpenMetrics first. */
export type TextFormat = 'prometheus' | 'openmetrics';

export const CONTENT_TYPES: Readonly<Record<TextFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** All metrics of a run, and its resource as `target_info`, in a text format of Prometheus. */
export function prometheusText(
  figures: RunFigures,
  resource: Readonly<Record<string, string>>,
  format: TextFormat,
): string {
  const lines = [...infoLines(resource, format), ...METRICS.flatMap((metric) => metricLines(metric, figures, format))];
  if (format === 'openmetrics') lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

/**
 * Prometheus' name of a metric. These are the rules by which OpenTelemetry's collector and Prometheus itself translate
 * names, so that a dashboard works with both ways.
 */
export function prometheusName({ name, unit, kind }: Pick<Metric, 'name' | 'unit' | 'kind'>): string {
  const words = name.replaceAll('.', '_').split('_');
  for (const word of unitWords(unit)) if (!words.includes(word)) words.push(word);
  if (kind === 'counter') words.push('total');
  return words.join('_');
}

/** Dots are no part of a label's name. */
export function prometheusLabel(label: string): string {
  return label.replaceAll(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, 'key_');
}

const UNIT_WORDS: Readonly<Record<string, string>> = { s: 'seconds', By: 'bytes' };

/** 's' is 'seconds', '{record}' is nothing, and '{record}/s' is 'per', 'second'. */
function unitWords(unit: string): string[] {
  const [main = '', per] = unit.split('/');
  return [...(main in UNIT_WORDS ? [UNIT_WORDS[main]!] : []), ...(per === 's' ? ['per', 'second'] : [])];
}

function infoLines(resource: Readonly<Record<string, string>>, format: TextFormat): string[] {
  // OpenMetrics has a type for it, whose name leaves out the suffix.
  const [family, type] = format === 'openmetrics' ? ['target', 'info'] : ['target_info', 'gauge'];
  const labels = new Map<string, string>();
  // Names that differ in dots alone become one label: their values are joined, as the collector does.
  for (const [name, value] of Object.entries(resource)) {
    const label = prometheusLabel(name);
    const before = labels.get(label);
    labels.set(label, before === undefined ? value : `${before};${value}`);
  }
  return [
    `# HELP ${family} What the run is and where it sends, as labels.`,
    `# TYPE ${family} ${type}`,
    `target_info${labelText([...labels])} 1`,
  ];
}

function metricLines(metric: Metric, figures: RunFigures, format: TextFormat): string[] {
  const name = prometheusName(metric);
  const samples = metric.kind === 'histogram' ? bucketLines(name, metric, figures) : pointLines(name, metric, figures);
  if (samples.length === 0) return [];
  const isOpen = format === 'openmetrics';
  // In OpenMetrics, the suffix of a counter is part of its samples alone.
  const family = isOpen && metric.kind === 'counter' ? name.replace(/_total$/, '') : name;
  const type = metric.kind === 'updowncounter' ? 'gauge' : metric.kind;
  const unit = UNIT_WORDS[metric.unit];
  return [
    `# HELP ${family} ${escaped(metric.help, isOpen)}`,
    `# TYPE ${family} ${type}`,
    ...(isOpen && unit !== undefined && family.endsWith(`_${unit}`) ? [`# UNIT ${family} ${unit}`] : []),
    ...samples,
  ];
}

function pointLines(name: string, metric: NumberMetric, figures: RunFigures): string[] {
  const key = prometheusLabel(metric.label ?? '');
  return metric
    .read(figures)
    .map(({ label, value }) => `${name}${label === undefined ? '' : labelText([[key, label]])} ${value}`);
}

function bucketLines(name: string, { read }: HistogramMetric, figures: RunFigures): string[] {
  const histogram = read(figures);
  let sum = 0;
  const buckets = [...classicCounts(histogram)].map((count, i) => {
    sum += count;
    return `${name}_bucket{le="${boundText(BOUNDS_SECONDS[i])}"} ${sum}`;
  });
  return [...buckets, `${name}_sum ${seconds(histogram.sum)}`, `${name}_count ${histogram.count}`];
}

/** OpenMetrics wants a whole bound to have a decimal point. It is the same in both formats, so that the series are. */
function boundText(bound: number | undefined): string {
  if (bound === undefined) return '+Inf';
  return Number.isInteger(bound) ? bound.toFixed(1) : String(bound);
}

function labelText(pairs: readonly (readonly [string, string])[]): string {
  const texts = pairs.map(([name, value]) => `${name}="${escaped(value, true)}"`);
  return texts.length === 0 ? '' : `{${texts.join(',')}}`;
}

/** @param quotes whether quotes are escaped, too */
function escaped(text: string, quotes: boolean): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('"', quotes ? '\\"' : '"');
}
