import type { RunPhase } from '../../core/live.js';
import type { LatencyHistogram } from '../../measure/latency.js';
import type { RunFigures } from './figures.js';

/** One value of a metric, and the value of its label if it has one. */
export interface Point {
  readonly label?: string;
  readonly value: number;
}

interface Named {
  /** As OpenTelemetry names it. `prometheusName` makes Prometheus' name from it. */
  readonly name: string;
  /** In UCUM, as OpenTelemetry writes units: 's', 'By', '{record}'. */
  readonly unit: string;
  readonly help: string;
}

/** A metric that is a number, or one for each value of its label. A counter only grows. */
export interface NumberMetric extends Named {
  readonly kind: 'counter' | 'updowncounter' | 'gauge';
  /** The name of its label; undefined: it has one point, without labels. */
  readonly label?: string;
  /** The points now; none: the run does not have this figure. */
  readonly read: (figures: RunFigures) => readonly Point[];
}

/** A distribution of times. */
export interface HistogramMetric extends Named {
  readonly kind: 'histogram';
  readonly read: (figures: RunFigures) => LatencyHistogram;
}

export type Metric = NumberMetric | HistogramMetric;

/** More shards than this share one label, so that a stream of thousands does not make thousands of series. */
export const SHARD_LABELS_MAX = 64;
const OTHER_SHARDS = 'other';
const ERROR_LABELS_MAX = 64;
/** OpenTelemetry's value for an error that has none of its own. */
const OTHER_ERRORS = '_OTHER';

const SHARD_LABEL = 'messaging.destination.partition.id';
const ERROR_LABEL = 'error.type';

/** All metrics, in the order in which they are served. docs/reference/metrics.md is made from this. */
export const METRICS: readonly Metric[] = [
  {
    name: 'kload.run.phase',
    kind: 'updowncounter',
    unit: '{run}',
    help: 'The phase of the run: 1 for the one that it is in.',
    label: 'kload.phase',
    read: (f) => PHASES.map((label) => ({ label, value: label === f.phase ? 1 : 0 })),
  },
  gauge('kload.run.duration', 's', 'Time since the first record was due.', (f) => seconds(f.elapsedMs)),
  gauge('kload.target.rate', '{record}/s', 'The rate asked for; 0 while the run is paused or over.', (f) => f.rps),
  gauge('kload.behind', 's', 'How late the run is: its next record, or the oldest that waits.', (f) =>
    seconds(f.behindMs),
  ),
  counter(
    'kload.records.read',
    '{record}',
    'Records taken from the input: sent + failed + rejected + unsent.',
    (f) => f.read,
  ),
  counter('kload.records.sent', '{record}', 'Records that the target acknowledged.', (f) => f.totals.sent),
  counter('kload.records.failed', '{record}', 'Records given up after retries.', (f) => f.totals.failed),
  counter('kload.records.rejected', '{record}', 'Records that were unusable, or too large.', (f) => f.rejected),
  upDown('kload.records.unsent', '{record}', 'Records read, but not yet sent, failed or rejected.', unsentOf),
  counter(
    'kload.records.offered',
    '{record}',
    'Records written to a socket for the first time.',
    (f) => f.totals.scheduleLag.count,
  ),
  counter('kload.records.retried', '{record}', 'Records written to a socket again.', (f) => f.totals.retried),
  counter(
    'kload.records.throttled',
    '{record}',
    'How often a record was refused because its shard was over its limit.',
    (f) => f.totals.throttled,
  ),
  counter(
    'kload.records.maybe_duplicated',
    '{record}',
    'Sent records that may be in the stream twice: the response to an earlier attempt was lost or unclear.',
    (f) => f.totals.maybeDuplicated,
  ),
  counter(
    'kload.records.in_doubt',
    '{record}',
    'Failed or unsent records that the stream may hold: the response to an attempt was lost or unclear.',
    (f) => f.totals.inDoubt,
  ),
  counter('kload.sent', 'By', 'Bytes of data and keys of the records sent.', (f) => f.totals.bytesSent),
  counter(
    'kload.requests.ok',
    '{request}',
    'Requests that got a response with a result for each record, even if some records were refused.',
    (f) => f.totals.requests.ok,
  ),
  counter(
    'kload.requests.failed',
    '{request}',
    'Requests that were refused as a whole, or got no response.',
    (f) => f.totals.requests.failed,
  ),
  counter(
    'kload.requests.retried',
    '{request}',
    'Requests that held at least one record again.',
    (f) => f.totals.requests.retried,
  ),
  upDown('kload.requests.in_flight', '{request}', 'Requests that wait for their response.', (f) => f.requestsInFlight),
  {
    name: 'kload.errors',
    kind: 'counter',
    unit: '{error}',
    help: 'Failed attempts by error code.',
    label: ERROR_LABEL,
    read: ({ totals }) => labelled([...totals.errors], ERROR_LABELS_MAX, OTHER_ERRORS),
  },
  upDown('kload.shards', '{shard}', 'Shards or partitions that were open at the start.', (f) => f.target.shards),
  shardCounter('kload.shard.records.sent', '{record}', 'Records sent, by shard or partition.', 'sent'),
  shardCounter('kload.shard.sent', 'By', 'Bytes of data and keys sent, by shard or partition.', 'bytes'),
  shardCounter(
    'kload.shard.records.throttled',
    '{record}',
    'How often the shard refused a record because it was over its limit.',
    'throttled',
  ),
  {
    name: 'kload.threshold.ok',
    kind: 'updowncounter',
    unit: '{threshold}',
    help: 'Whether each threshold holds so far (1) or not (0).',
    label: 'kload.threshold',
    read: thresholdPoints,
  },
  {
    name: 'process.cpu.time',
    kind: 'counter',
    unit: 's',
    help: 'Processor time that kload used, with all its threads.',
    label: 'cpu.mode',
    read: () => {
      const { user, system } = process.cpuUsage();
      return Object.entries({ user, system }).map(([label, us]) => ({ label, value: us / 1e6 }));
    },
  },
  upDown('process.memory.usage', 'By', 'Resident memory of kload.', () => process.memoryUsage.rss()),
  // The longest last, so that a person finds the others.
  histogram(
    'kload.latency',
    'Latency of sent records, from the intended time to the response.',
    (f) => f.totals.fromIntended,
  ),
  histogram(
    'kload.service_latency',
    'Service latency: the time from a request to its response.',
    (f) => f.totals.service,
  ),
  histogram(
    'kload.schedule_lag',
    'Schedule lag: the time from when a record was due until it was written to a socket.',
    (f) => f.totals.scheduleLag,
  ),
];

const PHASES: readonly RunPhase[] = ['starting', 'waiting', 'running', 'paused', 'draining', 'done'];

type Figure = (figures: RunFigures) => number | undefined;

function single(
  kind: NumberMetric['kind'],
  [name, unit, help, figure]: [string, string, string, Figure],
): NumberMetric {
  const read = (figures: RunFigures) => {
    const value = figure(figures);
    return value === undefined ? [] : [{ value }];
  };
  return { name, kind, unit, help, read };
}

function counter(...metric: [string, string, string, Figure]): NumberMetric {
  return single('counter', metric);
}

function upDown(...metric: [string, string, string, Figure]): NumberMetric {
  return single('updowncounter', metric);
}

function gauge(...metric: [string, string, string, Figure]): NumberMetric {
  return single('gauge', metric);
}

function histogram(name: string, help: string, read: HistogramMetric['read']): HistogramMetric {
  return { name, kind: 'histogram', unit: 's', help, read };
}

function shardCounter(name: string, unit: string, help: string, figure: 'sent' | 'bytes' | 'throttled'): NumberMetric {
  const read = ({ shardIds, totals }: RunFigures) => {
    // The stream's shards first, then those that responses named since: a shard keeps its label.
    const ids = new Set([...shardIds, ...totals.shards.keys()]);
    const values = [...ids].map((id): [string, number] => [id, totals.shards.get(id)?.[figure] ?? 0]);
    return labelled(values, SHARD_LABELS_MAX, OTHER_SHARDS);
  };
  return { name, kind: 'counter', unit, help, label: SHARD_LABEL, read };
}

/**
 * The first `max` values with labels of their own, and the sum of the others.
 *
 * @param values in an order that never changes, so that each counter only grows
 */
function labelled(values: readonly [string, number][], max: number, other: string): Point[] {
  const points = new Map<string, number>();
  for (const [i, [id, value]] of values.entries()) {
    const label = i < max ? id : other;
    points.set(label, (points.get(label) ?? 0) + value);
  }
  return [...points].map(([label, value]) => ({ label, value }));
}

/** None for a threshold that has no samples while the run lasts. One that was given twice has one point. */
function thresholdPoints({ thresholds, phase }: RunFigures): Point[] {
  const known = thresholds.filter(({ value }) => value !== null || phase === 'done');
  return [...new Map(known.map(({ threshold, ok }) => [threshold, ok]))].map(([label, ok]) => ({
    label,
    value: ok ? 1 : 0,
  }));
}

/** Milliseconds as seconds, to the microsecond: more digits say nothing. */
export function seconds(ms: number): number {
  return Math.round(ms * 1000) / 1_000_000;
}

function unsentOf({ read, rejected, totals }: RunFigures): number {
  return read - totals.sent - totals.failed - rejected;
}
