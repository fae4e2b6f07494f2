import fc from 'fast-check';
import { decodeFromCompressedBase64, Float64Histogram } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import type { Snapshot, WorkerGauges } from '../../src/core/snapshot.js';
import { Recorder } from '../../src/measure/recorder.js';
import { Totals } from '../../src/measure/totals.js';
import { timed } from '../support/timed.js';

const START_MS = 123_456;
const IDLE: WorkerGauges = {
  held: 0,
  requestsInFlight: 0,
  slowedShards: 0,
  waitingForKey: 0,
  refusedKeys: [],
  behindMs: 0,
  respondedAtMs: Number.NEGATIVE_INFINITY,
  noResponseSinceMs: Number.POSITIVE_INFINITY,
};

function recorderOf(workerId = 0): Recorder {
  const recorder = new Recorder(workerId);
  recorder.begin(START_MS);
  return recorder;
}

/** As it crosses from a worker's thread. */
function reported(recorder: Recorder, gauges = IDLE): Snapshot {
  return structuredClone(recorder.takeSnapshot(gauges));
}

type Kind = 'offered' | 'offeredAgain' | 'sent' | 'throttled' | 'failed';
const KINDS: readonly Kind[] = ['offered', 'offeredAgain', 'sent', 'throttled', 'failed'];
const event = fc.record({
  kind: fc.constantFrom(...KINDS),
  atMs: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.constantFrom(0, 999, 1000, 1001, 19_999)),
  lateMs: fc.integer({ min: 0, max: 3000 }),
  bytes: fc.integer({ min: 0, max: 1e6 }),
  shard: fc.constantFrom('a', 'b', undefined),
  worker: fc.integer({ min: 0, max: 2 }),
  thenReport: fc.boolean(),
});

function record(
  recorder: Recorder,
  {
    kind,
    atMs,
    lateMs,
    bytes,
    shard,
  }: Omit<typeof event extends fc.Arbitrary<infer E> ? E : never, 'worker' | 'thenReport'>,
): void {
  const at = START_MS + atMs;
  if (kind === 'offered') recorder.offered(timed(at - lateMs), at);
  else if (kind === 'offeredAgain') recorder.offeredAgain(at);
  else if (kind === 'sent') recorder.sent(timed(at - lateMs, bytes), at, shard);
  else if (kind === 'throttled') recorder.throttled(at, shard);
  else recorder.failed(at);
}

describe('what workers record', () => {
  it('adds up, and counts in the second in which it happened, whenever it is reported', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 120 }), (events) => {
        const recorders = [0, 1, 2].map(recorderOf);
        const totals = new Totals();
        for (const one of events) {
          record(recorders[one.worker]!, one);
          if (one.thenReport) totals.add(reported(recorders[one.worker]!));
        }
        for (const recorder of recorders) totals.add(reported(recorder));

        const of = (kind: Kind, where: (e: (typeof events)[number]) => boolean = () => true) =>
          events.filter((e) => e.kind === kind && where(e));
        const bytesOf = (sent: typeof events) => sent.reduce((sum, { bytes }) => sum + bytes, 0);
        expect(totals).toMatchObject({
          sent: of('sent').length,
          failed: of('failed').length,
          throttled: of('throttled').length,
          retried: of('offeredAgain').length,
          bytesSent: bytesOf(of('sent')),
        });
        expect(totals.fromIntended.count).toBe(of('sent').length);
        expect(totals.scheduleLag.count).toBe(of('offered').length);
        for (const id of ['a', 'b']) {
          const sent = of('sent', (e) => e.shard === id);
          const throttled = of('throttled', (e) => e.shard === id).length;
          const counts = totals.shards.get(id) ?? { sent: 0, bytes: 0, throttled: 0 };
          expect(counts).toEqual({ sent: sent.length, bytes: bytesOf(sent), throttled });
        }
        for (const id of [0, 1, 2]) {
          const sent = of('sent', (e) => e.worker === id);
          expect(totals.workers.get(id)).toMatchObject({ sent: sent.length, bytes: bytesOf(sent) });
        }

        const intervals = totals.intervals();
        expect(intervals.map(({ t }) => t)).toEqual(
          [...new Set(events.map(({ atMs }) => Math.floor(atMs / 1000)))].sort((a, b) => a - b),
        );
        for (const interval of intervals) {
          const inIt = (kind: Kind) => of(kind, (e) => Math.floor(e.atMs / 1000) === interval.t).length;
          expect(interval).toMatchObject({
            offered: inIt('offered'),
            sent: inIt('sent'),
            failed: inIt('failed'),
            throttled: inIt('throttled'),
            retried: inIt('offeredAgain'),
          });
          // A worker that reports late may raise a percentile, but the maximum is exact.
          const lags = of('offered', (e) => Math.floor(e.atMs / 1000) === interval.t).map(({ lateMs }) => lateMs);
          const { p50, max } = interval.scheduleLagMs;
          expect(max).toBeCloseTo(lags.length === 0 ? 0 : Math.max(0.001, ...lags), -1);
          const middle = lags.sort((a, b) => a - b)[Math.ceil(lags.length / 2) - 1] ?? 0;
          expect(p50).toBeGreaterThanOrEqual(middle * 0.999);
          expect(p50).toBeLessThanOrEqual(max);
        }
        const { shards = [], stepSeconds } = totals.shardSeconds.overTime(['a', 'b']) ?? {};
        expect(stepSeconds).toBe(1);
        for (const { id, sent, throttled } of shards) {
          for (const [t, count] of sent.entries()) {
            const inIt = (kind: Kind) => of(kind, (e) => e.shard === id && Math.floor(e.atMs / 1000) === t).length;
            expect([count, throttled?.[t] ?? 0]).toEqual([inIt('sent'), inIt('throttled')]);
          }
          expect(sent.reduce((a, b) => a + b, 0)).toBe(totals.shards.get(id)?.sent ?? 0);
        }
      }),
    );
  });

  it('has the same percentiles in a second, whether it is reported at once or in pieces', () => {
    const recorder = recorderOf();
    const totals = new Totals();
    for (let i = 0; i < 1000; i++) {
      recorder.sent(timed(START_MS + i - i / 10, 1), START_MS + i, undefined);
      if (i % 100 === 0) totals.add(reported(recorder));
    }
    totals.add(reported(recorder));
    const { p50, p90, p99, max, sent } = totals.interval(0)!;
    expect(sent).toBe(1000);
    for (const [value, ms] of [
      [p50, 50],
      [p90, 90],
      [p99, 99],
      [max, 99.9],
    ])
      expect(value).toBeCloseTo(ms!, 0);
    const later = { ...reported(recorder), workerId: 1 };
    totals.add(later);
    expect(totals.interval(0)).toMatchObject({ p50, p90, p99, max });
  });

  it('has the percentiles of every second, long after it was closed', () => {
    const recorder = recorderOf();
    const totals = new Totals();
    for (let second = 0; second < 30; second++) {
      const at = START_MS + second * 1000 + 500;
      recorder.sent(timed(at - second - 1, 1), at, undefined);
      totals.add(reported(recorder));
    }
    for (const { t, p50, max } of totals.intervals()) {
      expect(p50).toBeCloseTo(t + 1, 1);
      expect(max).toBeCloseTo(t + 1, 1);
    }
  });

  it('counts the latency of a worker that reports late in its second', () => {
    const totals = new Totals();
    const late = recorderOf(1);
    late.sent(timed(START_MS + 90, 1), START_MS + 100, undefined);
    const recorder = recorderOf(0);
    for (let second = 1; second < 10; second++) {
      const at = START_MS + second * 1000;
      recorder.sent(timed(at - 1, 1), at, undefined);
      totals.add(reported(recorder));
    }
    totals.add(reported(late));
    expect(totals.interval(0)).toMatchObject({ sent: 1 });
    expect(totals.interval(0)!.p50).toBeCloseTo(10, 1);
  });
});

describe('the histogram of an interval', () => {
  const decoded = (text: string | null) => decodeFromCompressedBase64(text!, 64) as Float64Histogram;

  it('is what its percentiles are of, and all of them after the warm-up are the histogram of the run', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 120 }), fc.integer({ min: 0, max: 21 }), (events, warmUpSeconds) => {
        const recorders = [0, 1, 2].map(recorderOf);
        const totals = new Totals({ warmUpMs: warmUpSeconds * 1000 });
        // Workers report in any order, some only at the end, long after the intervals were closed.
        for (const one of events) {
          record(recorders[one.worker]!, one);
          if (one.thenReport) totals.add(reported(recorders[one.worker]!));
        }
        for (const recorder of recorders) totals.add(reported(recorder));

        const sum = new Float64Histogram(1, 60e6, 3);
        expect(totals.sent).toBe(events.filter(({ kind }) => kind === 'sent').length);
        for (const { sent, hdrHistogram, ...interval } of totals.intervals()) {
          expect(hdrHistogram === null).toBe(sent === 0);
          if (hdrHistogram === null) continue;
          const histogram = decoded(hdrHistogram);
          expect(histogram.totalCount).toBe(sent);
          expect(histogram.getValueAtPercentile(50)).toBe(Math.round(interval.p50 * 1000));
          expect(histogram.getValueAtPercentile(90)).toBe(Math.round(interval.p90 * 1000));
          expect(histogram.getValueAtPercentile(99)).toBe(Math.round(interval.p99 * 1000));
          expect(histogram.maxValue).toBe(Math.round(interval.max * 1000));
          if (interval.t >= warmUpSeconds) sum.add(histogram);
        }
        expect(sum.totalCount).toBe(totals.fromIntended.count);
        expect(sum.toString()).toBe(decoded(totals.fromIntended.encoded()).toString());
      }),
    );
  });

  it('is left out once the histograms of earlier intervals fill their bound, and the percentiles stay', () => {
    const totals = new Totals({ encodedCharsMax: 500 });
    const recorder = recorderOf();
    for (let second = 0; second < 60; second++) {
      const at = START_MS + second * 1000 + 500;
      recorder.sent(timed(at - second - 1, 1), at, undefined);
      totals.add(reported(recorder));
    }
    const intervals = totals.intervals();
    const kept = intervals.filter(({ hdrHistogram }) => hdrHistogram !== null);
    expect(kept.length).toBeGreaterThan(4);
    expect(kept.length).toBeLessThan(30);
    for (const { t, max } of intervals) expect(max).toBeCloseTo(t + 1, 1);
  });
});

describe('requests, errors and duplicates', () => {
  it('are counted once each, over all workers', () => {
    const totals = new Totals();
    for (const workerId of [0, 1]) {
      const recorder = recorderOf(workerId);
      recorder.request(START_MS, START_MS + 8, true, false);
      recorder.request(START_MS, START_MS + 8, true, true);
      recorder.request(START_MS, START_MS + 30_000, false, true);
      recorder.error('InternalFailure');
      recorder.error('ECONNRESET', 3);
      recorder.maybeDuplicated();
      totals.add(reported(recorder));
      totals.add(reported(recorder));
    }
    expect(totals.requests).toEqual({ ok: 4, failed: 2, retried: 4 });
    expect(Object.fromEntries(totals.errors)).toEqual({ InternalFailure: 2, ECONNRESET: 6 });
    expect(totals.maybeDuplicated).toBe(2);
    // A request without a response has no service time.
    expect(totals.service.percentiles()).toMatchObject({ count: 4 });
    expect(totals.service.percentiles().max).toBeCloseTo(8, 1);
  });
});

it('latency counts from the intended time, lag up to the write to the socket', () => {
  const recorder = recorderOf();
  recorder.offered(timed(START_MS + 100), START_MS + 130);
  recorder.sent(timed(START_MS + 100, 10), START_MS + 150, 'a');
  recorder.request(START_MS + 130, START_MS + 150, true, false);
  const totals = new Totals();
  totals.add(reported(recorder));
  expect(totals.scheduleLag.percentiles().max).toBeCloseTo(30, 1);
  expect(totals.fromIntended.percentiles().max).toBeCloseTo(50, 1);
  expect(totals.service.percentiles().max).toBeCloseTo(20, 1);
});

it('a second in which nothing happened has no entry, however long the run', () => {
  const recorder = recorderOf();
  recorder.failed(START_MS);
  recorder.failed(START_MS + 30 * 86_400_000);
  const totals = new Totals();
  totals.add(reported(recorder));
  expect(totals.intervals().map(({ t }) => t)).toEqual([0, 30 * 86_400]);
  expect(totals.interval(5)).toBeUndefined();
});

it('what happens just before the start counts in the first second', () => {
  const recorder = recorderOf();
  recorder.offered(timed(START_MS), START_MS - 0.5);
  const totals = new Totals();
  totals.add(reported(recorder));
  expect(totals.interval(0)).toMatchObject({ offered: 1 });
});

it('a worker has the gauges of its last snapshot', () => {
  const recorder = recorderOf(3);
  const totals = new Totals();
  totals.add(reported(recorder, { ...IDLE, held: 7 }));
  totals.add(reported(recorder, { ...IDLE, held: 2, slowedShards: 1 }));
  expect(totals.workers.get(3)!.gauges).toMatchObject({ held: 2, slowedShards: 1 });
});
