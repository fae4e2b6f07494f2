import { readFileSync } from 'node:fs';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/report.js';
import { Totals } from '../../src/measure/totals.js';
import { buildReport } from '../../src/report/build.js';
import { FACTS, SHARDS, totalsOfTwoWorkers } from './reports.js';

const report = JSON.parse(JSON.stringify(buildReport(FACTS, totalsOfTwoWorkers()))) as Report;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

describe('the JSON of a report', () => {
  it('says when the run was, how it ended, and what it ran on', () => {
    expect(report).toMatchObject({ schema: 'kload.report/2', startedAt: '2026-01-02T03:04:05.678Z', durationMs: 2000 });
    expect(report.outcome).toEqual({ exitCode: 0, reason: null, hint: null });
    expect(report.host).toEqual({
      kload: JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version,
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      processors: expect.any(Number),
    });
  });

  it('has a ledger that adds up', () => {
    const { read, sent, failed, rejected, unsent, maybeDuplicated } = report.records;
    expect(report.records).toMatchObject({ sent: 8, failed: 2, rejected: 2, unsent: 1 });
    expect(read).toBe(sent + failed + rejected + unsent);
    expect(maybeDuplicated).toBe(1);
    expect(report.rejectedFirst).toEqual([{ at: 'a.csv:3', reason: 'no data field' }]);
  });

  it('has sums that agree with each other', () => {
    const { shards, workers, intervals, throttled } = report;
    expect(sum(shards.map(({ sent }) => sent))).toBe(8);
    expect(sum(workers.map(({ sent }) => sent))).toBe(8);
    expect(sum(intervals.map(({ sent }) => sent))).toBe(8);
    expect(sum(intervals.map(({ failed }) => failed))).toBe(2);
    expect(sum(shards.map(({ bytes }) => bytes))).toBe(report.bytes.sent);
    expect(sum(workers.map(({ bytes }) => bytes))).toBe(report.bytes.sent);
    expect(sum(intervals.map((interval) => interval.throttled))).toBe(throttled.records);
    expect(sum(Object.values(throttled.byShard))).toBe(throttled.records);
    expect(sum(report.histogram.map(({ count }) => count))).toBe(report.latencyMs.fromIntended.count);
    expect(throttled.records).toBe(3);
    expect(report.errors).toEqual({ InternalFailure: 4 });
    expect(report.requests).toEqual({ ok: 2, failed: 2, retried: 2 });
    expect(report.rps).toEqual({ target: 5, achieved: 4 });
  });

  it('names every shard of the stream, then those that only responses named', () => {
    expect(report.shards.map(({ id }) => id)).toEqual([...SHARDS, 'shardId-000000000007']);
    expect(report.shards[1]).toEqual({ id: SHARDS[1], sent: 0, bytes: 0, throttled: 0 });
    expect(report.throttled.byShard).toEqual({ [SHARDS[0]!]: 2, 'shardId-000000000007': 1 });
  });

  it('has the histograms that its percentiles are of', () => {
    const decoded = (text: string) => decodeFromCompressedBase64(text, 64);
    const { fromIntended, service, scheduleLag } = report.hdrHistograms;
    expect(decoded(fromIntended).totalCount).toBe(report.latencyMs.fromIntended.count);
    expect(decoded(service).totalCount).toBe(report.latencyMs.service.count);
    expect(decoded(scheduleLag).getValueAtPercentile(99)).toBe(report.scheduleLagMs.p99 * 1000);
  });

  it('of a run that sent nothing in no time holds only finite numbers', () => {
    const empty = buildReport({ ...FACTS, durationMs: 0, activeMs: 0, rpsTarget: undefined }, new Totals());
    JSON.stringify(empty, (name, value) => {
      if (typeof value === 'number') expect(value, name).toSatisfy(Number.isFinite);
      return value;
    });
    expect(empty.rps).toEqual({ target: null, achieved: 0 });
    expect(empty).toMatchObject({ intervals: [], workers: [], histogram: [], errors: {} });
    expect(decodeFromCompressedBase64(empty.hdrHistograms.service).totalCount).toBe(0);
  });
});
