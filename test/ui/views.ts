import type { LiveLoad, LiveSecond, LiveShard, LiveView, LiveWorker } from '../../src/core/live.js';
import type { HistogramBar, Percentiles, ThresholdReport } from '../../src/core/report.js';
import { NO_PERCENTILES } from '../../src/measure/distribution.js';

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

export function loadOf(name: string, stream: string, changes: Partial<LiveLoad> = {}): LiveLoad {
  const steady = { phase: 'running', schedule: '1,000 records/s', target: 1000, sent: 1000 } as const;
  return { name, stream, ...steady, throttled: 0, failed: 0, p99: 42, lagP99: 3.2, ...changes };
}

export function threshold(text: string, changes: Partial<ThresholdReport> = {}): ThresholdReport {
  return { threshold: text, ok: true, value: 1, got: '1', shard: null, since: null, ...changes };
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
    thresholds: [],
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

/** A value between 0 and 1 that looks random and is the same in every run. */
function noise(seed: number): number {
  const x = Math.sin(seed * 12.9898 + 4.1) * 43_758.5453;
  return x - Math.floor(x);
}

/** Seconds of a run whose rate grows, which is throttled for a while, and fails once. */
export function livelySeconds(count: number, target: number | undefined): LiveSecond[] {
  return Array.from({ length: count }, (_, t) => {
    const busy = t >= count * 0.55 && t < count * 0.75;
    const offered = Math.round((target ?? 4000) * (busy ? 0.8 : 1) * (0.985 + 0.03 * noise(t)));
    const p50 = (busy ? 40 : 6) * (0.8 + 0.5 * noise(t + 100));
    return {
      t,
      target,
      offered,
      sent: offered - 20,
      throttled: busy ? Math.round(900 * noise(t + 7)) : 0,
      failed: t === Math.floor(count * 0.3) ? 40 : 0,
      p50,
      p99: p50 * (4 + 9 * noise(t + 200) ** 3),
    };
  });
}

function livelyHeat(shards: readonly LiveShard[], count: number): LiveView['heat'] {
  return shards.slice(0, 64).map(({ id, load }, i) => ({
    id,
    loads: Uint8Array.from({ length: count }, (_, t) => Math.min(255, 100 * load * (0.75 + 0.5 * noise(i * 61 + t)))),
  }));
}

function logHistogram(median: number, spread: number): HistogramBar[] {
  const from = Math.floor(2 * Math.log2((median * 1000) / 8));
  return Array.from({ length: 26 }, (_, i) => {
    const at = (from + i) / 2;
    const distance = (2 ** (at + 0.25) / 1000 / median) ** (1 / spread);
    const count = Math.round(60_000 * Math.exp(-(Math.log(distance) ** 2)) + (i < 22 ? 120 * noise(i) : 0));
    return { fromMs: 2 ** at / 1000, toMs: 2 ** (at + 0.5) / 1000, count };
  });
}

function lively(count: number, shardCount: number, changes: Partial<LiveView> = {}): LiveView {
  const all = Array.from({ length: shardCount }, (_, i) => {
    const load = i === 1 ? 1.02 : 0.35 + 0.5 * noise(i);
    return shard(i, load, i === 1 ? 212 : 0);
  });
  const latency = {
    fromIntended: percentiles(1),
    service: percentiles(0.5),
    histogram: logHistogram(8.1, 1.1),
  };
  return makeView({
    elapsedMs: (count + 0.4) * 1000,
    seconds: livelySeconds(count, 5000),
    shards: all,
    target: {
      kind: 'kinesis',
      stream: 'orders',
      endpoint: null,
      region: 'eu-west-1',
      shards: shardCount,
      limits: true,
    },
    heat: livelyHeat(all, Math.min(60, count)),
    latency: { recent: latency, run: { ...latency, histogram: logHistogram(12, 1.6) } },
    schedule: '5,000 records/s',
    ...changes,
  });
}

export const TOO_FEW_SHARDS = {
  shards: 2,
  limit: 'records',
  recordsPerSecond: 5000,
  isPeak: false,
  recordBytes: 200,
  enough: false,
  shardsNeeded: 5,
  shardsToSpare: 6,
  hottest: null,
  hotKey: null,
} as const;

/** Runs as users meet them: `node test/ui/look.js throttled 100 30` shows one. */
export const SCENES: Readonly<Record<string, LiveView>> = {
  lively: lively(65, 8),
  young: lively(7, 8, { progress: { done: 35_000, total: 1_200_000, unit: 'records', etaMs: 233_000 } }),
  throttled: lively(65, 2, {
    capacity: TOO_FEW_SHARDS,
    notice:
      '3.2 s behind the schedule: 2 shards take 2,000 records/s; 5,000 are asked for: 5 shards are needed (6 with 20 % to spare)',
    seconds: livelySeconds(60, 5000).map((s) => ({ ...s, offered: 2000 + (s.t % 5) * 9, throttled: 300 + s.t })),
    shards: [shard(0, 1.01, 160), shard(1, 1, 200)],
  }),
  'hot key': lively(65, 8, {
    capacity: {
      ...{ ...TOO_FEW_SHARDS, shards: 8, shardsNeeded: 5, hottest: { shard: 'shardId-000000000001', share: 0.5 } },
      hotKey: { key: 'customer-42', isHashKey: false, load: 2.4 },
    },
  }),
  replay: lively(65, 16, {
    rpsTarget: undefined,
    schedule: 'as recorded, 2x',
    recording: { atMs: Date.UTC(2026, 2, 1, 12, 0, 5), nextDueInMs: 192_000 },
    notice: 'the next record is due in 3m 12s (--max-gap shortens gaps)',
    seconds: livelySeconds(60, undefined).map((s) => ({ ...s, offered: s.t % 20 < 12 ? s.offered * noise(s.t) : 0 })),
  }),
  many: lively(65, 500),
  empty: EMPTY_VIEW,
  loads: lively(65, 12, {
    input: '3 loads',
    schedule: '3 loads',
    target: {
      kind: 'kinesis',
      stream: 'orders, clicks',
      endpoint: null,
      region: 'eu-west-1',
      shards: 12,
      limits: true,
    },
    loads: [
      loadOf('orders', 'orders', { target: 1000, sent: 998 }),
      loadOf('clicks', 'clicks', { target: 300, sent: 212, throttled: 41, p99: 412, lagP99: 205 }),
      loadOf('backfill of last week', 'orders', { target: undefined, sent: 18_200, schedule: 'as fast as possible' }),
    ],
  }),
  kafka: lively(65, 12, {
    target: { kind: 'kafka', stream: 'clicks', endpoint: 'b-1:9092,b-2:9092', region: null, shards: 12, limits: false },
    throttled: 0,
    recordsRetried: 0,
    errors: {},
    requests: { ok: 4810, failed: 0, retried: 0 },
    seconds: livelySeconds(60, 5000).map((s) => ({ ...s, throttled: 0, failed: 0 })),
    shards: Array.from({ length: 12 }, (_, i) => ({ ...shard(i, i === 3 ? 1 : 0.2 + 0.6 * noise(i)), id: String(i) })),
  }),
};
