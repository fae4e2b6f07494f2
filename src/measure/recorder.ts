import type { IntervalDelta, RequestCounts, ShardCounts, Snapshot, WorkerGauges } from '../core/snapshot.js';
import { LatencyCounts } from './latency-counts.js';

/** Everything is counted in the interval in which it happened. */
export const INTERVAL_MS = 1000;

/** Numbers are passed as an object: V8 allocates memory for each number with a fraction that is passed. */
interface TimedRecord {
  readonly intendedAtMs: number;
  /** Of data and key. */
  readonly bytes: number;
}

/** Counts and histograms of one worker since its last snapshot. */
export class Recorder {
  readonly #workerId: number;
  #startMs = 0;
  /**
   * Mostly one. A response also counts the write before it, which may have been in an earlier interval. This is no Map,
   * because a Map that is filled and emptied again and again leaves old garbage (as a Set does, see SmallSet).
   */
  readonly #intervals: IntervalRecorder[] = [];
  /** Emptied intervals, to be used again: their histograms are large. */
  readonly #spare: IntervalRecorder[] = [];
  /** The interval asked for last, and its beginning: the records of a batch all ask for the same one. */
  #last: IntervalRecorder | undefined;
  #lastFromMs = 0;
  #bytesSent = 0;
  #maybeDuplicated = 0;
  #inDoubt = 0;
  #requests: RequestCounts = { ok: 0, failed: 0, retried: 0 };
  #errors = new Map<string, number>();

  constructor(workerId: number) {
    this.#workerId = workerId;
  }

  /** @param startMs the start of the run, on the shared clock */
  begin(startMs: number): void {
    this.#startMs = startMs;
    this.#last = undefined;
  }

  /** A record was written to a socket for the first time. */
  offered(record: TimedRecord, offeredAtMs: number): void {
    const interval = this.#at(offeredAtMs);
    interval.offered++;
    interval.scheduleLag.record(offeredAtMs - record.intendedAtMs);
  }

  /** A record was written to a socket again. */
  offeredAgain(offeredAtMs: number): void {
    this.#at(offeredAtMs).retried++;
  }

  /** @param shardId the shard that took the record; undefined for targets without shards */
  sent(record: TimedRecord, endedAtMs: number, shardId: string | undefined): void {
    const { bytes } = record;
    const interval = this.#at(endedAtMs);
    interval.sent++;
    interval.fromIntended.record(endedAtMs - record.intendedAtMs);
    this.#bytesSent += bytes;
    if (shardId === undefined) return;
    const shard = interval.shard(shardId);
    shard.sent++;
    shard.bytes += bytes;
  }

  /** A sent record may be in the stream twice. */
  maybeDuplicated(): void {
    this.#maybeDuplicated++;
  }

  /** Failed or unsent records that the stream may hold: the response to an attempt was lost or unclear. */
  inDoubt(count = 1): void {
    this.#inDoubt += count;
  }

  throttled(endedAtMs: number, shardId: string | undefined): void {
    const interval = this.#at(endedAtMs);
    interval.throttled++;
    if (shardId !== undefined) interval.shard(shardId).throttled++;
  }

  failed(endedAtMs: number): void {
    this.#at(endedAtMs).failed++;
  }

  /** An attempt at a record was refused with this code, or a request got no response. */
  error(code: string, count = 1): void {
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + count);
  }

  /**
   * A request ended.
   *
   * @param hasResponse whether a response came with a result for each record
   * @param again whether it held a record that was sent before
   */
  request(offeredAtMs: number, endedAtMs: number, hasResponse: boolean, again: boolean): void {
    if (hasResponse) {
      this.#requests.ok++;
      this.#at(endedAtMs).service.record(endedAtMs - offeredAtMs);
    } else {
      this.#requests.failed++;
    }
    if (again) this.#requests.retried++;
  }

  takeSnapshot(gauges: WorkerGauges): Snapshot {
    const snapshot: Snapshot = {
      workerId: this.#workerId,
      intervals: this.#takeIntervals(),
      bytesSent: this.#bytesSent,
      requests: this.#requests,
      maybeDuplicated: this.#maybeDuplicated,
      inDoubt: this.#inDoubt,
      errors: this.#errors,
      gauges,
    };
    this.#bytesSent = 0;
    this.#maybeDuplicated = 0;
    this.#inDoubt = 0;
    this.#requests = { ok: 0, failed: 0, retried: 0 };
    this.#errors = new Map();
    return snapshot;
  }

  #at(clockMs: number): IntervalRecorder {
    const sinceLastMs = clockMs - this.#lastFromMs;
    if (this.#last !== undefined && sinceLastMs >= 0 && sinceLastMs < INTERVAL_MS) return this.#last;
    const index = Math.max(0, Math.floor((clockMs - this.#startMs) / INTERVAL_MS));
    let interval = this.#intervals.find((one) => one.index === index);
    if (interval === undefined) {
      interval = this.#spare.pop() ?? new IntervalRecorder();
      interval.index = index;
      this.#intervals.push(interval);
    }
    this.#last = interval;
    this.#lastFromMs = this.#startMs + index * INTERVAL_MS;
    return interval;
  }

  #takeIntervals(): IntervalDelta[] {
    const deltas: IntervalDelta[] = [];
    for (const interval of this.#intervals) {
      deltas.push(interval.take());
      this.#spare.push(interval);
    }
    this.#intervals.length = 0;
    this.#last = undefined;
    return deltas;
  }
}

/** The counts of one interval. Its histograms are used again for the next. */
class IntervalRecorder {
  index = 0;
  offered = 0;
  sent = 0;
  failed = 0;
  throttled = 0;
  retried = 0;
  readonly fromIntended = new LatencyCounts();
  readonly service = new LatencyCounts();
  readonly scheduleLag = new LatencyCounts();
  #shards = new Map<string, ShardCounts>();
  #lastShardId: string | undefined;
  #lastShard: ShardCounts | undefined;

  shard(id: string): ShardCounts {
    if (id === this.#lastShardId) return this.#lastShard!;
    let shard = this.#shards.get(id);
    if (shard === undefined) {
      shard = { sent: 0, bytes: 0, throttled: 0 };
      this.#shards.set(id, shard);
    }
    this.#lastShardId = id;
    this.#lastShard = shard;
    return shard;
  }

  take(): IntervalDelta {
    const delta = {
      index: this.index,
      offered: this.offered,
      sent: this.sent,
      failed: this.failed,
      throttled: this.throttled,
      retried: this.retried,
      fromIntended: this.fromIntended.take(),
      service: this.service.take(),
      scheduleLag: this.scheduleLag.take(),
      shards: this.#shards,
    };
    this.#shards = new Map();
    this.#lastShardId = undefined;
    this.offered = 0;
    this.sent = 0;
    this.failed = 0;
    this.throttled = 0;
    this.retried = 0;
    return delta;
  }
}
