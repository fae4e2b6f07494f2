import { describe, expect, it } from 'vitest';
import type { Percentiles } from '../../../src/core/report.js';
import { LatencyHistogram } from '../../../src/measure/latency.js';
import { LatencyCounts } from '../../../src/measure/latency-counts.js';
import { Recorder } from '../../../src/measure/recorder.js';
import { WindowCounts } from '../../../src/measure/window-counts.js';
import { RecentLatencies } from '../../../src/run/live/recent-latencies.js';
import { randomFrom } from '../../support/random.js';
import { timed } from '../../support/timed.js';

const GAUGES = {
  ...{ held: 0, requestsInFlight: 0, slowedShards: 0, waitingForKey: 0, behindMs: 0, refusedKeys: [] },
  ...{ respondedAtMs: 0, noResponseSinceMs: 0 },
};

describe('recent latencies', () => {
  /** A worker that sends a record in the middle of a second, with this latency, in a request that takes half. */
  function worker(id: number, latencies: RecentLatencies) {
    const recorder = new Recorder(id);
    recorder.begin(0);
    return (second: number, latencyMs: number) => {
      const at = second * 1000 + 500;
      recorder.sent(timed(at - latencyMs, 10), at, undefined);
      recorder.request(at - latencyMs / 2, at, true, false);
      latencies.add(recorder.takeSnapshot(GAUGES));
    };
  }

  /** To the millisecond. */
  const fromIntended = ({ latency }: RecentLatencies) => {
    const { count, min, max } = latency.fromIntended;
    return { count, min: Math.round(min), max: Math.round(max) };
  };

  it('are those of the last ten complete seconds', () => {
    const latencies = new RecentLatencies();
    const send = worker(0, latencies);
    for (let second = 0; second < 20; second++) send(second, 100 + second);
    latencies.moveTo(0);
    expect(latencies.latency.fromIntended.count).toBe(0);
    latencies.moveTo(3);
    expect(fromIntended(latencies)).toEqual({ count: 3, min: 100, max: 102 });
    latencies.moveTo(15);
    expect(fromIntended(latencies)).toEqual({ count: 10, min: 105, max: 114 });
    expect(latencies.latency.service.max).toBeCloseTo(57, 0);
    expect(latencies.latency.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(10);
    latencies.moveTo(100);
    expect(latencies.latency).toEqual(new RecentLatencies().latency);
  });

  it('include a snapshot that comes late, unless its second is past', () => {
    const latencies = new RecentLatencies();
    const send = worker(0, latencies);
    latencies.moveTo(15);
    send(14, 7);
    send(4, 9);
    expect(fromIntended(latencies)).toEqual({ count: 1, min: 7, max: 7 });
    latencies.moveTo(25);
    expect(latencies.latency.fromIntended.count).toBe(0);
  });

  it('are known for each worker', () => {
    const latencies = new RecentLatencies();
    worker(0, latencies)(0, 5);
    worker(7, latencies)(0, 50);
    latencies.moveTo(1);
    expect(latencies.ofWorker(0)).toEqual({ p50: 5.003, p99: 5.003 });
    expect(latencies.ofWorker(7).p99).toBeCloseTo(50, 1);
    expect(latencies.ofWorker(1)).toEqual({ p50: 0, p99: 0 });
  });

  it('have the figures that a histogram of the same times has', () => {
    const next = randomFrom(1);
    const kept = new LatencyCounts();
    const gone = new LatencyCounts();
    for (let i = 0; i < 5000; i++) (i % 2 === 0 ? kept : gone).record(10 ** (next() * 8 - 3));
    const window = new WindowCounts();
    const histogram = new LatencyHistogram();
    const [out, stays] = [gone.take(), kept.take()];
    window.add(out, 1);
    window.add(stays, 1);
    window.add(out, -1);
    histogram.add(stays);
    const { mean, ...figures }: Percentiles = histogram.percentiles();
    expect(window.percentiles()).toMatchObject(figures);
    expect(window.percentiles().mean).toBeCloseTo(mean, 6);
    expect(window.bars()).toEqual(histogram.bars());
  });
});
