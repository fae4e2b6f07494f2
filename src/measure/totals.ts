import type { IntervalReport } from '../core/report.js';
import type { IntervalDelta, RequestCounts, ShardCounts, Snapshot, WorkerGauges } from '../core/snapshot.js';
import { LatencyHistogram } from './latency.js';
import { INTERVAL_MS } from './recorder.js';

/** Intervals whose histograms are kept: later snapshots of slower workers still add to them. */
const OPEN_INTERVALS = 4;

export interface WorkerTotals {
  sent: number;
  bytes: number;
  failed: number;
  gauges: WorkerGauges;
}

/** All snapshots of a run, added up. */
export class Totals {
  sent = 0;
  failed = 0;
  throttled = 0;
  retried = 0;
  bytesSent = 0;
  maybeDuplicated = 0;
  inDoubt = 0;
  readonly requests: RequestCounts = { ok: 0, failed: 0, retried: 0 };
  readonly fromIntended = new LatencyHistogram();
  readonly service = new LatencyHistogram();
  readonly scheduleLag = new LatencyHistogram();
  readonly shards = new Map<string, ShardCounts>();
  readonly errors = new Map<string, number>();
  readonly workers = new Map<number, WorkerTotals>();
  /** By index; a second in which nothing happened has no entry, so that a replay of days stays small. */
  readonly #intervals = new Map<number, IntervalCounts>();
  readonly #open = new Map<number, LatencyHistogram>();
  /** Emptied ones, for they are large. */
  readonly #spare: LatencyHistogram[] = [];

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
    for (const [id, counts] of snapshot.shards) this.#addShard(id, counts);
    for (const [code, count] of snapshot.errors) this.errors.set(code, (this.errors.get(code) ?? 0) + count);
  }

  /** One second of the run; undefined where nothing happened in it. */
  interval(index: number): IntervalReport | undefined {
    const counts = this.#intervals.get(index);
    return counts && this.#report(index, counts);
  }

  /** All seconds in which something happened, in order. */
  intervals(): IntervalReport[] {
    return [...this.#intervals].sort(([a], [b]) => a - b).map(([index, counts]) => this.#report(index, counts));
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
    this.fromIntended.add(delta.fromIntended);
    this.service.add(delta.service);
    this.scheduleLag.add(delta.scheduleLag);
    const counts = this.#intervalCounts(delta.index);
    counts.offered += delta.offered;
    counts.sent += delta.sent;
    counts.failed += delta.failed;
    counts.throttled += delta.throttled;
    counts.retried += delta.retried;
    if (delta.fromIntended.counts.length > 0) {
      this.#openInterval(delta.index)?.add(delta.fromIntended);
      this.#closeOldest();
    }
  }

  #intervalCounts(index: number): IntervalCounts {
    let counts = this.#intervals.get(index);
    if (counts === undefined) {
      counts = { offered: 0, sent: 0, failed: 0, throttled: 0, retried: 0, latency: undefined };
      this.#intervals.set(index, counts);
    }
    return counts;
  }

  /** The histogram of an interval that still grows. */
  #openInterval(index: number): LatencyHistogram | undefined {
    let latency = this.#open.get(index);
    if (latency !== undefined) return latency;
    if (this.#intervals.get(index)?.latency !== undefined) return undefined;
    latency = this.#spare.pop() ?? new LatencyHistogram();
    this.#open.set(index, latency);
    return latency;
  }

  #closeOldest(): void {
    if (this.#open.size <= OPEN_INTERVALS) return;
    const oldest = Math.min(...this.#open.keys());
    const histogram = this.#open.get(oldest)!;
    this.#intervalCounts(oldest).latency = latencyOf(histogram);
    this.#open.delete(oldest);
    histogram.reset();
    this.#spare.push(histogram);
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

  #report(index: number, counts: IntervalCounts): IntervalReport {
    const open = this.#open.get(index);
    const latency = counts.latency ?? (open ? latencyOf(open) : { p50: 0, p90: 0, p99: 0, max: 0 });
    const { offered, sent, failed, throttled, retried } = counts;
    return { t: (index * INTERVAL_MS) / 1000, offered, sent, failed, throttled, retried, ...latency };
  }
}

interface IntervalCounts {
  offered: number;
  sent: number;
  failed: number;
  throttled: number;
  retried: number;
  /** Set when the interval's histogram was closed. */
  latency: IntervalLatency | undefined;
}

type IntervalLatency = Pick<IntervalReport, 'p50' | 'p90' | 'p99' | 'max'>;

function latencyOf(histogram: LatencyHistogram): IntervalLatency {
  const { p50, p90, p99, max } = histogram.percentiles();
  return { p50, p90, p99, max };
}
