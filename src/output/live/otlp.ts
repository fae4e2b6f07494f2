import { exponentialOf } from './buckets.js';
import type { RunFigures } from './figures.js';
import { type HistogramMetric, METRICS, type Metric, type NumberMetric, seconds } from './metrics.js';

/** OTLP's numbers for temporality: the sum since the start of the run. */
const CUMULATIVE = 2;

/**
 * All metrics of a run as the body of an OTLP request, in JSON: names in camelCase, 64-bit integers as texts, enums as
 * numbers.
 */
export function otlpBody(figures: RunFigures, resource: Readonly<Record<string, string>>, now: Date): string {
  const times = { startTimeUnixNano: nanos(figures.startedAt), timeUnixNano: nanos(now) };
  const metrics = METRICS.flatMap((metric) => otlpMetric(metric, figures, times) ?? []);
  const scope = { name: 'kload', version: resource['service.version'] };
  return JSON.stringify({
    resourceMetrics: [{ resource: { attributes: attributesOf(resource) }, scopeMetrics: [{ scope, metrics }] }],
  });
}

interface Times {
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
}

function otlpMetric(metric: Metric, figures: RunFigures, times: Times): object | undefined {
  const { name, unit, help: description, kind } = metric;
  const about = { name, unit, description };
  if (kind === 'histogram') {
    const dataPoints = [exponentialPoint(metric, figures, times)];
    return { ...about, exponentialHistogram: { aggregationTemporality: CUMULATIVE, dataPoints } };
  }
  const dataPoints = numberPoints(metric, figures, times);
  if (dataPoints.length === 0) return undefined;
  if (kind === 'gauge') return { ...about, gauge: { dataPoints } };
  return { ...about, sum: { aggregationTemporality: CUMULATIVE, isMonotonic: kind === 'counter', dataPoints } };
}

function numberPoints(metric: NumberMetric, figures: RunFigures, times: Times): object[] {
  return metric.read(figures).map(({ label, value }) => ({
    ...(label !== undefined && { attributes: attributesOf({ [metric.label ?? '']: label }) }),
    ...times,
    // Times and rates have fractions, everything else is counted.
    ...(metric.unit === 's' || metric.kind === 'gauge' ? { asDouble: value } : { asInt: String(value) }),
  }));
}

function exponentialPoint({ read }: HistogramMetric, figures: RunFigures, times: Times): object {
  const histogram = read(figures);
  const point = { ...times, count: String(histogram.count), sum: seconds(histogram.sum), zeroCount: '0' };
  const exponential = exponentialOf(histogram);
  if (exponential === undefined) return { ...point, scale: 0 };
  const { scale, offset, counts, min, max } = exponential;
  return { ...point, scale, positive: { offset, bucketCounts: counts.map(String) }, min, max };
}

function attributesOf(attributes: Readonly<Record<string, string>>): object[] {
  return Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

function nanos(date: Date): string {
  return `${date.getTime()}000000`;
}
