import type { HdrHistogram, HotKey, IntervalFigures, IntervalReport } from '../core/report.js';
import type {
  IntervalCounts,
  IntervalDelta,
  RequestCounts,
  ShardCounts,
  Snapshot,
  WorkerGauges,
} from '../core/snapshot.js';
import { LagSeconds } from './lag-seconds.js';
import { LatencyHistogram } from './latency.js';
import { INTERVAL_MS } from './recorder.js';
import { ShardSeconds } from './shard-seconds.js';

/** Intervals whose histograms stay open: snapshots of slower workers still add to them. */
const OPEN_INTERVALS = 4;
/**
 * What the encoded histograms of all intervals may take, in characters (one byte each). An interval takes half a
 * kilobyte to three: this holds nine hours of widely spread latencies, and a day or more of steady ones.
 */
const ENCODED_CHARS_MAX = 64 * 1024 * 1024;
const NO_LATENCY = { p50: 0, p90: 0, p99: 0, max: 0 };

export interface WorkerTotals {
  sent: number;
  bytes: number;
  failed: number;
  gauges: WorkerGauges;
}

/** The sum of all snapshots of a run. */
export class Totals {
  sent = 0;
  failed = 0;
  throttled = 0;
  retried = 0;
  bytesSent = 0;
  maybeDuplicated = 0;
  inDoubt = 0;
  readonly requests: RequestCounts = { ok: 0, failed: 0, retried: 0 };
  /** This and the other two begin after the warm-up. */
  readonly fromIntended = new LatencyHistogram();
  readonly service = new LatencyHistogram();
  readonly scheduleLag = new LatencyHistogram();
  readonly shards = new Map<string, ShardCounts>();
  readonly shardSeconds = new ShardSeconds();
  readonly errors = new Map<string, number>();
  readonly workers = new Map<number, WorkerTotals>();
  /** By index. A second in which nothing happened has no entry, so that a replay of days stays small. */
  readonly #intervals = new Map<number, Interval>();
  readonly #lags = new LagSeconds();
  readonly #open = new Map<number, LatencyHistogram>();
  /** Emptied histograms, to be used again: they are large. */
  readonly #spare: LatencyHistogram[] = [];
  readonly #encodedCharsMax: number;
  readonly #warmUpMs: number;
  #encodedChars = 0;

  /**
   * @param encodedCharsMax what the encoded histograms of all intervals may take; later intervals have none
   * @param warmUpMs        intervals that begin before are left out of the histograms of the whole run
   */
  constructor({ encodedCharsMax = ENCODED_CHARS_MAX, warmUpMs = 0 } = {}) {
    this.#encodedCharsMax = encodedCharsMax;
    this.#warmUpMs = warmUpMs;
  }

  /** The keys whose records were refused most often, of each worker. */
  get refusedKeys(): readonly HotKey[] {
    return [...this.workers.values()].flatMap(({ gauges }) => gauges.refusedKeys);
  }

  add(snapshot: Snapshot): void {
    const worker = this.#worker(snapshot);
    for (const delta of snapshot.intervals) {
      this.#addInterval(delta);
      worker.sent += delta.sent;
      worker.failed += delta.failed;
    }
    worker.bytes += snapshot.bytesSent;
    this.bytesSent += snapshot.bytesSent;
    this.maybeDuplicated += snapshot.maybeDuplicated;
    this.inDoubt += snapshot.inDoubt;
    this.requests.ok += snapshot.requests.ok;
    this.requests.failed += snapshot.requests.failed;
    this.requests.retried += snapshot.requests.retried;
    for (const [code, count] of snapshot.errors) this.errors.set(code, (this.errors.get(code) ?? 0) + count);
  }

  /** One second of the run; undefined: nothing happened in it. */
  interval(index: number): IntervalFigures | undefined {
    const interval = this.#intervals.get(index);
    return interval && this.#figures(index, interval);
  }

  /** All seconds in which something happened, in order, with their histograms. */
  intervals(): Omit<IntervalReport, 'target'>[] {
    const inOrder = [...this.#intervals].sort(([a], [b]) => a - b);
    return inOrder.map(([index, interval]) => {
      const hdrHistogram = this.#open.get(index)?.encoded() ?? interval.closed?.hdrHistogram ?? null;
      return { ...this.#figures(index, interval), hdrHistogram };
    });
  }

  #worker(snapshot: Snapshot): WorkerTotals {
    let worker = this.workers.get(snapshot.workerId);
    if (worker === undefined) {
      worker = { sent: 0, bytes: 0, failed: 0, gauges: snapshot.gauges };
      this.workers.set(snapshot.workerId, worker);
    }
    worker.gauges = snapshot.gauges;
    return worker;
  }

  #addInterval(delta: IntervalDelta): void {
    this.sent += delta.sent;
    this.failed += delta.failed;
    this.throttled += delta.throttled;
    this.retried += delta.retried;
    if (delta.index * INTERVAL_MS >= this.#warmUpMs) {
      this.fromIntended.add(delta.fromIntended);
      this.service.add(delta.service);
      this.scheduleLag.add(delta.scheduleLag);
    }
    const interval = this.#interval(delta.index);
    interval.offered += delta.offered;
    interval.sent += delta.sent;
    interval.failed += delta.failed;
    interval.throttled += delta.throttled;
    interval.retried += delta.retried;
    this.#lags.add(delta.index, delta.scheduleLag);
    for (const [id, counts] of delta.shards) {
      this.#addShard(id, counts);
      this.shardSeconds.add(delta.index, id, counts);
    }
    if (delta.fromIntended.counts.length > 0) {
      this.#openHistogram(delta.index, interval)?.add(delta.fromIntended);
      if (this.#open.size > OPEN_INTERVALS) this.#close(Math.min(...this.#open.keys()));
    }
  }

  #interval(index: number): Interval {
    let interval = this.#intervals.get(index);
    if (interval === undefined) {
      interval = { offered: 0, sent: 0, failed: 0, throttled: 0, retried: 0, closed: undefined };
      this.#intervals.set(index, interval);
    }
    return interval;
  }

  /** The histogram of an interval, opened again if need be; undefined: it was closed and not kept. */
  #openHistogram(index: number, interval: Interval): LatencyHistogram | undefined {
    let histogram = this.#open.get(index);
    if (histogram !== undefined) return histogram;
    if (interval.closed === undefined) {
      histogram = this.#spare.pop() ?? new LatencyHistogram();
    } else {
      const { hdrHistogram } = interval.closed;
      if (hdrHistogram === null) return undefined;
      histogram = LatencyHistogram.decode(hdrHistogram);
      this.#encodedChars -= hdrHistogram.length;
      interval.closed = undefined;
    }
    this.#open.set(index, histogram);
    return histogram;
  }

  #close(index: number): void {
    const histogram = this.#open.get(index)!;
    const encoded = histogram.encoded();
    const isKept = this.#encodedChars + encoded.length <= this.#encodedCharsMax;
    if (isKept) this.#encodedChars += encoded.length;
    this.#interval(index).closed = { ...latencyOf(histogram), hdrHistogram: isKept ? encoded : null };
    this.#open.delete(index);
    histogram.reset();
    if (this.#spare.length < OPEN_INTERVALS) this.#spare.push(histogram);
  }

  #addShard(id: string, counts: ShardCounts): void {
    const shard = this.shards.get(id);
    if (shard === undefined) {
      this.shards.set(id, { ...counts });
      return;
    }
    shard.sent += counts.sent;
    shard.bytes += counts.bytes;
    shard.throttled += counts.throttled;
  }

  #figures(index: number, interval: Interval): IntervalFigures {
    const open = this.#open.get(index);
    const { p50, p90, p99, max } = interval.closed ?? (open ? latencyOf(open) : NO_LATENCY);
    const { offered, sent, failed, throttled, retried } = interval;
    const scheduleLagMs = this.#lags.in(index);
    const t = (index * INTERVAL_MS) / 1000;
    return { t, offered, sent, failed, throttled, retried, p50, p90, p99, max, scheduleLagMs };
  }
}

interface Interval extends IntervalCounts {
  /** Set when the interval's histogram was closed. */
  closed: (IntervalLatency & { readonly hdrHistogram: HdrHistogram | null }) | undefined;
}

type IntervalLatency = Pick<IntervalFigures, 'p50' | 'p90' | 'p99' | 'max'>;

function latencyOf(histogram: LatencyHistogram): IntervalLatency {
  const { p50, p90, p99, max } = histogram.percentiles();
  return { p50, p90, p99, max };
}
