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
  it('has every field of version 1', () => {
    const percentiles = ['count', 'min', 'mean', 'p50', 'p90', 'p95', 'p99', 'p999', 'max'];
    const fields: [object, string[]][] = [
      [report, ['schema', 'startedAt', 'durationMs', 'config', 'target', 'records', 'bytes', 'rps', 'requests']],
      [report, ['latencyMs', 'scheduleLagMs', 'throttled', 'errors', 'shards', 'workers', 'intervals']],
      [report.target, ['kind', 'stream', 'endpoint', 'shards']],
      [report.records, ['read', 'sent', 'failed', 'rejected', 'unsent']],
      [report.bytes, ['sent']],
      [report.rps, ['target', 'achieved']],
      [report.requests, ['ok', 'failed', 'retried']],
      [report.latencyMs.fromIntended, percentiles],
      [report.latencyMs.service, percentiles],
      [report.scheduleLagMs, percentiles],
      [report.throttled, ['records', 'byShard']],
      [report.shards[0]!, ['id', 'sent', 'bytes', 'throttled']],
      [report.workers[0]!, ['id', 'sent', 'bytes']],
      [report.intervals[0]!, ['t', 'sent', 'failed', 'throttled', 'p50', 'p99']],
    ];
    for (const [part, names] of fields) {
      for (const name of names) expect(part).toHaveProperty(name);
    }
    expect(report).toMatchObject({ schema: 'kload.report/1', startedAt: '2026-01-02T03:04:05.678Z', durationMs: 2000 });
    expect(report.outcome).toEqual({ exitCode: 0, reason: null, hint: null });
    expect(report.config).toEqual({ workers: 2, batchSize: 500 });
  });

  it('has a ledger that adds up', () => {
    const { read, sent, failed, rejected, unsent, maybeDuplicated } = report.records;
    expect(report.records).toMatchObject({ sent: 8, failed: 2, rejected: 2, unsent: 1 });
    expect(read).toBe(sent + failed + rejected + unsent);
    expect(maybeDuplicated).toBe(1);
    expect(report.rejectedFirst).toEqual([{ at: 'a.csv:3', reason: 'no data field' }]);
  });

  it('has sums that agree with one another', () => {
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

  it('names every shard of the stream, and after them those that only answers named', () => {
    expect(report.shards.map(({ id }) => id)).toEqual([...SHARDS, 'shardId-000000000007']);
    expect(report.shards[1]).toEqual({ id: SHARDS[1], sent: 0, bytes: 0, throttled: 0 });
    expect(report.throttled.byShard).toEqual({ [SHARDS[0]!]: 2, 'shardId-000000000007': 1 });
  });

  it('of a run that sent nothing in no time has no number that is none', () => {
    const empty = buildReport({ ...FACTS, durationMs: 0, rpsTarget: undefined }, new Totals());
    const text = JSON.stringify(empty);
    expect(empty.rps).toEqual({ target: null, achieved: 0 });
    // Of the report and its outcome: the rate asked for, the reason, the hint, the checkpoint, the legs before, and the capacity.
    expect(text.match(/\bnull\b/g)).toHaveLength(6);
    expect(empty).toMatchObject({ intervals: [], workers: [], histogram: [], errors: {} });
  });
});
