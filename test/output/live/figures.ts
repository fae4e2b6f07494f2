import type { IntervalDelta, Snapshot, SparseHistogram } from '../../../src/core/snapshot.js';
import { LatencyCounts } from '../../../src/measure/latency-counts.js';
import { Totals } from '../../../src/measure/totals.js';
import type { RunFigures } from '../../../src/output/live/figures.js';

/** Figures of a run, for tests of live metrics. */
export function figures(given: Partial<RunFigures> = {}): RunFigures {
  return {
    phase: 'running',
    startedAt: new Date('2026-11-30T12:00:00.250Z'),
    elapsedMs: 1500,
    target: { kind: 'kinesis', stream: 'orders', endpoint: null, region: null, shards: 2, limits: true },
    shardIds: ['shard-0', 'shard-1'],
    rps: 100,
    read: 10,
    rejected: 1,
    behindMs: 0,
    requestsInFlight: 0,
    thresholds: [],
    totals: new Totals(),
    ...given,
  };
}

export function totalsOf(
  snapshot: Partial<Snapshot>,
  interval: { sent?: number; times?: readonly number[]; shards?: IntervalDelta['shards'] } = {},
): Totals {
  const { sent = 0, times = [], shards = new Map() } = interval;
  const totals = new Totals();
  const taken = (): SparseHistogram => {
    const counts = new LatencyCounts();
    for (const ms of times) counts.record(ms);
    return counts.take();
  };
  const counts = { offered: sent, sent, failed: 0, throttled: 0, retried: 0 };
  totals.add({
    workerId: 0,
    intervals: [{ index: 0, ...counts, shards, fromIntended: taken(), service: taken(), scheduleLag: taken() }],
    bytesSent: 0,
    requests: { ok: 0, failed: 0, retried: 0 },
    maybeDuplicated: 0,
    inDoubt: 0,
    errors: new Map(),
    gauges: {
      ...{ held: 0, requestsInFlight: 0, slowedShards: 0, waitingForKey: 0, behindMs: 0, refusedKeys: [] },
      ...{ respondedAtMs: 0, noResponseSinceMs: Number.POSITIVE_INFINITY },
    },
    ...snapshot,
  });
  return totals;
}
