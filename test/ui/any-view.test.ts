import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LiveView } from '../../src/core/live.js';
import type { Percentiles } from '../../src/core/report.js';
import { runs } from '../support/runs.js';
import { screenOf } from './rendered.js';

const count = fc.oneof(fc.nat(100), fc.maxSafeNat());
const amount = fc.oneof(fc.double({ min: 0, max: 1e15, noNaN: true }), fc.constant(0));
const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 90 }),
  fc.constant('orders'),
);

const percentiles: fc.Arbitrary<Percentiles> = fc.record({
  count,
  min: amount,
  mean: amount,
  p50: amount,
  p90: amount,
  p95: amount,
  p99: amount,
  p999: amount,
  max: amount,
});

const second = fc.record({
  t: count,
  target: fc.option(amount, { nil: undefined }),
  offered: count,
  sent: count,
  throttled: count,
  failed: count,
  p50: amount,
  p99: amount,
});
const shard = fc.record({
  id: name,
  recordsPerSecond: amount,
  bytesPerSecond: amount,
  throttledPerSecond: amount,
  load: fc.oneof(amount, fc.double({ min: 0, max: 1.5, noNaN: true })),
  throttledTotal: count,
});
const worker = fc.record({
  id: fc.nat(1000),
  sent: count,
  recordsPerSecond: amount,
  bytesPerSecond: amount,
  held: count,
  requestsInFlight: count,
  slowedShards: count,
  p50: amount,
  p99: amount,
});
const latency = fc.record({
  fromIntended: percentiles,
  service: percentiles,
  histogram: fc.array(fc.record({ fromMs: amount, toMs: amount, count }), { maxLength: 300 }),
});
const heat = fc.record({ id: name, loads: fc.uint8Array({ maxLength: 60 }) });

const liveView: fc.Arbitrary<LiveView> = fc.record({
  phase: fc.constantFrom('starting', 'waiting', 'running', 'paused', 'draining', 'done'),
  elapsedMs: amount,
  target: fc.record({
    kind: fc.constantFrom('kinesis', 'embedded', 'null'),
    stream: fc.option(name),
    endpoint: fc.option(name),
    region: fc.option(name),
    shards: count,
    limits: fc.boolean(),
  }),
  records: fc.record({
    read: count,
    sent: count,
    failed: count,
    rejected: count,
    unsent: count,
    maybeDuplicated: count,
    inDoubt: count,
  }),
  bytesSent: count,
  rpsTarget: fc.option(amount, { nil: undefined }),
  schedule: name,
  input: name,
  seconds: fc.array(second, { maxLength: 60 }),
  progress: fc.option(
    fc.record({
      done: amount,
      total: amount,
      unit: fc.constantFrom('records', 'bytes', 'ms'),
      etaMs: fc.option(amount, { nil: undefined }),
    }),
    { nil: undefined },
  ),
  recording: fc.option(fc.record({ atMs: amount, nextDueInMs: amount }), { nil: undefined }),
  latency: fc.record({ recent: latency, run: latency }),
  scheduleLag: percentiles,
  requests: fc.record({ ok: count, failed: count, retried: count }),
  recordsRetried: count,
  throttled: count,
  errors: fc.dictionary(name, count, { maxKeys: 12 }),
  capacity: fc.option(
    fc.record({
      shards: count,
      limit: fc.constantFrom('records', 'bytes'),
      recordsPerSecond: amount,
      isPeak: fc.boolean(),
      recordBytes: amount,
      enough: fc.boolean(),
      shardsNeeded: count,
      shardsToSpare: count,
      hottest: fc.constant(null),
      hotKey: fc.option(fc.record({ key: name, isHashKey: fc.boolean(), load: amount })),
    }),
  ),
  shards: fc.oneof(fc.array(shard, { maxLength: 20 }), fc.array(shard, { minLength: 300, maxLength: 500 })),
  heat: fc.array(heat, { maxLength: 64 }),
  workers: fc.array(worker, { maxLength: 40 }),
  thresholds: fc.array(
    fc.record({
      threshold: name,
      ok: fc.boolean(),
      value: fc.option(amount),
      got: name,
      shard: fc.option(name),
      since: fc.option(count),
    }),
  ),
  notice: fc.option(name, { nil: undefined }),
});

it('shows any run on a terminal of any size without leaving its bounds', () => {
  const columns = fc.integer({ min: 40, max: 220 });
  const rows = fc.integer({ min: 10, max: 60 });
  const span = fc.constantFrom('recent', 'run');
  const helpPage = fc.option(fc.nat(5), { nil: undefined, freq: 10 });
  fc.assert(
    fc.property(liveView, columns, rows, span, helpPage, (view, columns, rows, span, helpPage) => {
      expect(screenOf(view, columns, rows, { span, helpPage })).toMatch(/^kload/);
    }),
    { numRuns: runs(150) },
  );
}, 120_000);
