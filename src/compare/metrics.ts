import type { HdrHistogram, Report } from '../core/report.js';
import { LatencyHistogram } from '../measure/latency.js';
import { METRICS } from '../threshold/metrics.js';
import { metricOf, type Stat, ThresholdError } from '../threshold/parse.js';
import type { Measure } from './bootstrap.js';
import { influenceOnRatio, type RunningSums, type RunSeconds, sumOf } from './seconds.js';

/** The fewest records beyond a percentile that is compared: single records say nothing. */
const BEYOND_MIN = 10;

/** What is compared by default. A gate may ask for more. */
const DEFAULT = [
  ...['p50', 'p90', 'p99', 'p99.9', 'max', 'mean'].map((stat) => `latency.${stat}`),
  ...['rps.achieved', 'throttled.rate', 'failed.rate', 'retried.rate'],
  ...['lag.p50', 'lag.p99', 'lag.max'],
];

/** A metric as it is compared. */
export interface CompareMetric {
  readonly name: string;
  readonly unit: 'ms' | 'share' | 'perSecond';
  readonly isLowerBetter: boolean;
  /** From the whole run; undefined: the report has no value. */
  readonly ofReport: (report: Report, seconds: RunSeconds) => number | undefined;
  /** From the seconds of a run; undefined: they do not have it, or it has no interval. */
  readonly measure: Measure | undefined;
  /** Why there is no interval between two runs. */
  readonly noInterval: string | undefined;
  /** Why a run has too few records for an interval. */
  readonly tooFew: (seconds: RunSeconds) => string | undefined;
}

export function defaultMetrics(): CompareMetric[] {
  return DEFAULT.map((name) => compareMetric(name, name));
}

/**
 * The metric of a name as thresholds write it.
 *
 * @param text what it is from, for the error
 * @throws ThresholdError for one that does not exist, or that is not compared
 */
export function compareMetric(name: string, text: string): CompareMetric {
  const { metric, stat } = metricOf(name, text);
  const { distribution } = metric;
  if (distribution !== undefined) {
    const base = name.slice(0, name.indexOf('.'));
    return timeMetric(`${base}.${statName(stat)}`, distribution, stat);
  }
  if (metric === METRICS['rps.achieved']) return rateMetric();
  const share = SHARES.find((one) => `${one}.rate` === name);
  if (share !== undefined) return shareMetric(share);
  throw new ThresholdError(
    `'${text}': ${name} is not compared: take latency, service or lag with min, mean, max or a percentile, ` +
      `${['rps.achieved', ...SHARES.map((one) => `${one}.rate`)].join(', ')}`,
  );
}

const SHARES = ['throttled', 'failed', 'retried'] as const;

function statName(stat: Stat): string {
  if (stat === 'mean') return stat;
  return stat === 0 ? 'min' : stat === 100 ? 'max' : `p${stat}`;
}

function timeMetric(name: string, distribution: keyof Report['hdrHistograms'], stat: Stat): CompareMetric {
  const isExtreme = stat === 0 || stat === 100;
  const hasSeconds = distribution === 'fromIntended';
  const noInterval = isExtreme
    ? `one record alone decides the ${stat === 0 ? 'minimum' : 'maximum'} of a run, so no interval can be drawn from its seconds`
    : `reports have ${name.split('.')[0]} for the whole run, and not by second`;
  return {
    name,
    unit: 'ms',
    isLowerBetter: true,
    ofReport: (report, { latency }) =>
      hasSeconds && latency.count > 0
        ? timeIn(latency, stat)
        : valueIn(report.hdrHistograms[distribution], stat, report, distribution),
    measure:
      isExtreme || !hasSeconds
        ? undefined
        : {
            isShare: false,
            of: ({ latency }, blocks) => (stat === 'mean' ? latency.mean(blocks) : latency.percentile(stat, blocks)),
            influence: ({ latency }) =>
              stat === 'mean' ? latency.influenceOnMean() : latency.influenceOnPercentile(stat),
          },
    noInterval: isExtreme || !hasSeconds ? noInterval : undefined,
    tooFew: ({ latency }) => {
      if (stat === 'mean') return undefined;
      const beyond = Math.floor((latency.count * Math.min(stat, 100 - stat)) / 100 + 1e-9);
      if (beyond >= BEYOND_MIN) return undefined;
      return `a side has ${beyond} records beyond ${statName(stat)}, and ${BEYOND_MIN} are needed`;
    },
  };
}

function timeIn(latency: RunSeconds['latency'], stat: Stat): number {
  return stat === 'mean' ? latency.mean(latency.all) : latency.percentile(stat, latency.all);
}

function valueIn(
  encoded: HdrHistogram,
  stat: Stat,
  { latencyMs, scheduleLagMs }: Report,
  distribution: keyof Report['hdrHistograms'],
): number | undefined {
  const figures = distribution === 'scheduleLag' ? scheduleLagMs : latencyMs[distribution];
  if (figures.count === 0) return undefined;
  if (stat === 'mean') return figures.mean;
  return stat === 0 ? figures.min : LatencyHistogram.decode(encoded).percentile(stat);
}

function rateMetric(): CompareMetric {
  const rate = (sent: number, seconds: number): number => (seconds > 0 ? sent / seconds : Number.NaN);
  return {
    name: 'rps.achieved',
    unit: 'perSecond',
    isLowerBetter: false,
    ofReport: ({ rps }, { paced }) =>
      paced.seconds.at(-1)! > 0 ? paced.sent.at(-1)! / paced.seconds.at(-1)! : rps.achieved,
    measure: {
      isShare: false,
      of: ({ paced }, blocks) => rate(sumOf(paced.sent, blocks), sumOf(paced.seconds, blocks)),
      influence: ({ paced }) => influenceOnRatio(paced.sent, paced.seconds),
    },
    noInterval: undefined,
    tooFew: () => undefined,
  };
}

function shareMetric(key: (typeof SHARES)[number]): CompareMetric {
  const share = (part: RunningSums, whole: RunningSums) => part.at(-1)! / whole.at(-1)!;
  return {
    name: `${key}.rate`,
    unit: 'share',
    isLowerBetter: true,
    ofReport: (_, { counts }) => (counts.attempts.at(-1)! > 0 ? share(counts[key], counts.attempts) : undefined),
    measure: {
      isShare: true,
      of: ({ counts }, blocks) => sumOf(counts[key], blocks) / sumOf(counts.attempts, blocks),
      influence: ({ counts }) => influenceOnRatio(counts[key], counts.attempts),
    },
    noInterval: undefined,
    tooFew: () => undefined,
  };
}
