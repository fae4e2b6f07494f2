import type { LiveSecond, LiveShard, LiveView, LiveWorker } from '../../src/core/live.js';
import type { HistogramBar, Percentiles } from '../../src/core/report.js';

export const NO_PERCENTILES: Percentiles = {
  count: 0,
  min: 0,
  mean: 0,
  p50: 0,
  p90: 0,
  p95: 0,
  p99: 0,
  p999: 0,
  max: 0,
};

const NO_LATENCY = { fromIntended: NO_PERCENTILES, service: NO_PERCENTILES, histogram: [] };

export function percentiles(scale: number): Percentiles {
  return {
    count: 100_000,
    min: 0.4 * scale,
    mean: 9 * scale,
    p50: 8.1 * scale,
    p90: 18.4 * scale,
    p95: 24.9 * scale,
    p99: 61.2 * scale,
    p999: 134 * scale,
    max: 412 * scale,
  };
}

export function shard(index: number, load: number, throttledPerSecond = 0): LiveShard {
  return {
    id: `shardId-${String(index).padStart(12, '0')}`,
    recordsPerSecond: load * 1000,
    bytesPerSecond: load * 1_048_576,
    throttledPerSecond,
    load,
    throttledTotal: throttledPerSecond,
  };
}

export function shards(count: number): LiveShard[] {
  return Array.from({ length: count }, (_, index) => shard(index, (index % 10) / 10));
}

export function worker(id: number): LiveWorker {
  return {
    id,
    sent: 120_000,
    recordsPerSecond: 2499,
    bytesPerSecond: 510_000,
    held: 640 + id,
    requestsInFlight: 7,
    slowedShards: id,
    p50: 8 + id,
    p99: 61 + 10 * id,
  };
}

export function seconds(count: number): LiveSecond[] {
  return Array.from({ length: count }, (_, t) => ({
    t,
    target: 5000,
    offered: 4990 + (t % 7),
    sent: 4980,
    throttled: t === count - 3 ? 120 : 0,
    failed: 0,
    p50: 8,
    p99: 61,
  }));
}

export function histogram(bars: number): HistogramBar[] {
  return Array.from({ length: bars }, (_, i) => ({
    fromMs: 1.1 ** i / 2,
    toMs: 1.1 ** (i + 1) / 2,
    count: Math.round(9000 * Math.exp(-(((i - bars / 3) / 6) ** 2))),
  }));
}

export function makeView(changes: Partial<LiveView> = {}): LiveView {
  return {
    phase: 'running',
    elapsedMs: 65_000,
    target: { kind: 'kinesis', stream: 'orders', endpoint: null, region: 'eu-west-1', shards: 8, limits: true },
    records: { read: 240_345, sent: 239_000, failed: 12, rejected: 3, unsent: 1330, maybeDuplicated: 0, inDoubt: 0 },
    bytesSent: 49_000_000,
    rpsTarget: 5000,
    schedule: 'rate 5,000/s',
    input: 'orders.csv',
    seconds: seconds(60),
    progress: { done: 240_345, total: 1_200_000, unit: 'records', etaMs: 192_000 },
    recording: undefined,
    latency: {
      recent: { fromIntended: percentiles(1), service: percentiles(0.5), histogram: histogram(60) },
      run: { fromIntended: percentiles(2), service: percentiles(0.7), histogram: histogram(80) },
    },
    scheduleLag: percentiles(0.1),
    requests: { ok: 481, failed: 2, retried: 31 },
    recordsRetried: 1702,
    throttled: 1714,
    errors: { ProvisionedThroughputExceededException: 1714, InternalFailure: 5 },
    capacity: null,
    shards: shards(8),
    heat: shards(8).map(({ id }, i) => ({ id, loads: new Uint8Array(60).fill(i * 12) })),
    workers: [worker(0), worker(1)],
    notice: undefined,
    ...changes,
  };
}

/** A run that just began, before its first record. */
export const EMPTY_VIEW = makeView({
  phase: 'starting',
  elapsedMs: 0,
  records: { read: 0, sent: 0, failed: 0, rejected: 0, unsent: 0, maybeDuplicated: 0, inDoubt: 0 },
  bytesSent: 0,
  rpsTarget: undefined,
  seconds: [],
  progress: undefined,
  latency: { recent: NO_LATENCY, run: NO_LATENCY },
  heat: [],
  scheduleLag: NO_PERCENTILES,
  requests: { ok: 0, failed: 0, retried: 0 },
  recordsRetried: 0,
  throttled: 0,
  errors: {},
  shards: [],
  workers: [],
});
