import type { HdrHistogram, IntervalReport, Ledger, Percentiles, Report, ShardReport } from '../core/report.js';
import type { SparseHistogram } from '../core/snapshot.js';
import { bucketsOf } from '../measure/encoded.js';
import { LatencyHistogram } from '../measure/latency.js';
import { upperEndOf } from '../measure/latency-counts.js';
import { addShardsOverTime } from './add-shards.js';

/** The figures of a report: all that adds up. Its configuration, input, thresholds and outcome do not. */
export type Figures = Pick<
  Report,
  | 'startedAt'
  | 'durationMs'
  | 'pausedMs'
  | 'records'
  | 'bytes'
  | 'rps'
  | 'requests'
  | 'latencyMs'
  | 'scheduleLagMs'
  | 'histogram'
  | 'hdrHistograms'
  | 'throttled'
  | 'errors'
  | 'rejectedFirst'
  | 'shards'
  | 'shardsOverTime'
  | 'workers'
  | 'intervals'
>;

const REJECTED_SHOWN = 10;
const NO_LATENCY = { p50: 0, p90: 0, p99: 0, max: 0 };

/**
 * The figures of several runs as those of one: what a run that did all of their work would have reported.
 *
 * - Counts are sums. Histograms are added bucket by bucket, so percentiles are those of all records.
 * - The whole begins with the first run and ends with the last. Seconds are aligned by `startedAt`, to the nearest
 *   second: those of a run that began 0.4 s after the first keep their number, and 0.6 s later they move by one.
 * - A second without a histogram (a report keeps 64 MiB of them) has the largest of the runs' percentiles. They are at
 *   most too high, as is the schedule lag of a second, of which reports have no histogram; maxima are exact.
 * - The rate asked for is the sum; null if a run had none. The achieved rate is all records over the time from the
 *   first start to the last response.
 * - Shards with the same id are one shard. Workers get new numbers.
 *
 * It is associative, if runs begin whole seconds apart. The order matters only for what is a list: shards, workers, and
 * the first rejected records.
 *
 * @param reports at least one
 */
export function addReports(reports: readonly Figures[]): Figures {
  const startMs = Math.min(...reports.map(startOf));
  const endMs = Math.max(...reports.map((report) => startOf(report) + report.durationMs));
  const shiftOf = (report: Figures) => Math.round((startOf(report) - startMs) / 1000);
  const fromIntended = addHistograms(reports, 'fromIntended', ({ latencyMs }) => latencyMs.fromIntended);
  const service = addHistograms(reports, 'service', ({ latencyMs }) => latencyMs.service);
  const scheduleLag = addHistograms(reports, 'scheduleLag', ({ scheduleLagMs }) => scheduleLagMs);
  const shards = addShards(reports);
  return {
    startedAt: new Date(startMs).toISOString(),
    durationMs: endMs - startMs,
    pausedMs: Math.max(...reports.map(({ pausedMs }) => pausedMs)),
    records: addLedgers(reports),
    bytes: { sent: sumOf(reports, ({ bytes }) => bytes.sent) },
    rps: addRates(reports, startMs),
    requests: {
      ok: sumOf(reports, ({ requests }) => requests.ok),
      failed: sumOf(reports, ({ requests }) => requests.failed),
      retried: sumOf(reports, ({ requests }) => requests.retried),
    },
    latencyMs: { fromIntended: fromIntended.percentiles(), service: service.percentiles() },
    scheduleLagMs: scheduleLag.percentiles(),
    histogram: fromIntended.bars(),
    hdrHistograms: {
      fromIntended: fromIntended.encoded(),
      service: service.encoded(),
      scheduleLag: scheduleLag.encoded(),
    },
    throttled: {
      records: sumOf(reports, ({ throttled }) => throttled.records),
      byShard: addCounts(reports.map(({ throttled }) => throttled.byShard)),
    },
    errors: addCounts(reports.map(({ errors }) => errors)),
    rejectedFirst: reports.flatMap(({ rejectedFirst }) => rejectedFirst).slice(0, REJECTED_SHOWN),
    shards,
    shardsOverTime: addShardsOverTime(
      reports.map((report) => ({ report, shiftSeconds: shiftOf(report) })),
      shards.map(({ id }) => id),
    ),
    workers: reports.flatMap(({ workers }) => workers).map((worker, id) => ({ ...worker, id })),
    intervals: addIntervals(reports, shiftOf),
  };
}

/** In milliseconds since 1970. */
function startOf({ startedAt }: Pick<Figures, 'startedAt'>): number {
  return Date.parse(startedAt);
}

function sumOf<T>(all: readonly T[], value: (one: T) => number): number {
  return all.reduce((sum, one) => sum + value(one), 0);
}

function addLedgers(reports: readonly Figures[]): Ledger {
  const sum = (key: keyof Ledger) => sumOf(reports, ({ records }) => records[key]);
  return {
    read: sum('read'),
    sent: sum('sent'),
    failed: sum('failed'),
    rejected: sum('rejected'),
    unsent: sum('unsent'),
    maybeDuplicated: sum('maybeDuplicated'),
    inDoubt: sum('inDoubt'),
  };
}

function addRates(reports: readonly Figures[], startMs: number): Report['rps'] {
  // A report says how many records it sent at what rate, and so for how long.
  const activeEndMs = (report: Figures) =>
    report.rps.achieved > 0 ? startOf(report) + (report.records.sent / report.rps.achieved) * 1000 : startMs;
  const activeMs = Math.max(...reports.map(activeEndMs)) - startMs;
  const sent = sumOf(reports, ({ records }) => records.sent);
  return {
    target: addTargets(reports.map(({ rps }) => rps.target)),
    achieved: activeMs > 0 ? sent / (activeMs / 1000) : 0,
  };
}

/** null: one of them is unknown. */
function addTargets(targets: readonly (number | null)[]): number | null {
  return targets.reduce((sum, target) => (sum === null || target === null ? null : sum + target), 0);
}

function addHistograms(
  reports: readonly Figures[],
  name: keyof Figures['hdrHistograms'],
  percentiles: (report: Figures) => Percentiles,
): LatencyHistogram {
  const sum = new LatencyHistogram();
  for (const report of reports) {
    // The report's mean is of the times as they were recorded, the buckets' only of the buckets.
    const { count, mean } = percentiles(report);
    sum.add({ ...timesOf(report.hdrHistograms[name]), sumUs: mean * count * 1000 });
  }
  return sum;
}

export function timesOf(text: HdrHistogram): SparseHistogram {
  const { indexes, counts, sumUs } = bucketsOf(text);
  return { valuesUs: Float64Array.from(indexes, upperEndOf), counts, sumUs };
}

function addCounts(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const [name, count] of all.flatMap(Object.entries<number>)) sums.set(name, (sums.get(name) ?? 0) + count);
  return Object.fromEntries(sums);
}

function addShards(reports: readonly Figures[]): ShardReport[] {
  const sums = new Map<string, ShardReport>();
  for (const shard of reports.flatMap(({ shards }) => shards)) {
    const { sent, bytes, throttled } = sums.get(shard.id) ?? { sent: 0, bytes: 0, throttled: 0 };
    sums.set(shard.id, {
      id: shard.id,
      sent: sent + shard.sent,
      bytes: bytes + shard.bytes,
      throttled: throttled + shard.throttled,
    });
  }
  return [...sums.values()];
}

function addIntervals(reports: readonly Figures[], shiftOf: (report: Figures) => number): IntervalReport[] {
  const seconds = new Map<number, IntervalReport[]>();
  for (const report of reports) {
    const shift = shiftOf(report);
    for (const interval of report.intervals) {
      const second = seconds.get(interval.t + shift);
      if (second === undefined) seconds.set(interval.t + shift, [interval]);
      else second.push(interval);
    }
  }
  const times = new LatencyHistogram();
  return [...seconds].sort(([a], [b]) => a - b).map(([t, intervals]) => addSecond(t, intervals, times));
}

/** @param times to add the latencies in: a histogram is large, so that one serves all seconds */
function addSecond(t: number, intervals: readonly IntervalReport[], times: LatencyHistogram): IntervalReport {
  const sum = (key: 'offered' | 'sent' | 'failed' | 'throttled' | 'retried') => sumOf(intervals, (one) => one[key]);
  const lag = (key: 'p50' | 'p99' | 'max') => Math.max(...intervals.map(({ scheduleLagMs }) => scheduleLagMs[key]));
  return {
    t,
    offered: sum('offered'),
    sent: sum('sent'),
    failed: sum('failed'),
    throttled: sum('throttled'),
    retried: sum('retried'),
    ...addSecondsLatencies(intervals, times),
    scheduleLagMs: { p50: lag('p50'), p99: lag('p99'), max: lag('max') },
    target: addTargets(intervals.map(({ target }) => target)),
  };
}

function addSecondsLatencies(
  intervals: readonly IntervalReport[],
  times: LatencyHistogram,
): Pick<IntervalReport, 'p50' | 'p90' | 'p99' | 'max' | 'hdrHistogram'> {
  const withLatency = intervals.filter(({ sent }) => sent > 0);
  if (withLatency.length === 0) return { ...NO_LATENCY, hdrHistogram: null };
  const encoded = withLatency.flatMap(({ hdrHistogram }) => hdrHistogram ?? []);
  if (encoded.length < withLatency.length) {
    const largest = (key: keyof typeof NO_LATENCY) => Math.max(...withLatency.map((one) => one[key]));
    return { p50: largest('p50'), p90: largest('p90'), p99: largest('p99'), max: largest('max'), hdrHistogram: null };
  }
  times.reset();
  for (const text of encoded) times.add(timesOf(text));
  const { p50, p90, p99, max } = times.percentiles();
  return { p50, p90, p99, max, hdrHistogram: times.encoded() };
}
