import { describe, expect, it } from 'vitest';
import type { LiveView } from '../../src/core/live.js';
import { ProgressLines, progressLine } from '../../src/report/progress-line.js';

const NOTHING = { count: 0, min: 0, mean: 0, p50: 0, p90: 0, p95: 0, p99: 0, p999: 0, max: 0 };

const NO_LATENCY = { fromIntended: NOTHING, service: NOTHING, histogram: [] };

function viewOf(changes: Partial<LiveView> = {}): LiveView {
  return {
    phase: 'running',
    elapsedMs: 65_000,
    target: { kind: 'kinesis', stream: 'orders', endpoint: null, region: null, shards: 2, limits: true },
    records: { read: 325_000, sent: 324_000, failed: 0, rejected: 0, unsent: 1000, maybeDuplicated: 0, inDoubt: 0 },
    bytesSent: 64_800_000,
    rpsTarget: 5000,
    schedule: '5,000 records/s',
    input: 'a.csv',
    seconds: [{ t: 0, target: undefined, offered: 5000, sent: 4990, throttled: 0, failed: 0, p50: 8.14, p99: 120.4 }],
    progress: { done: 1, total: 4, unit: 'bytes', etaMs: 1000 },
    recording: undefined,
    latency: { recent: NO_LATENCY, run: NO_LATENCY },
    heat: [],
    scheduleLag: NOTHING,
    requests: { ok: 0, failed: 0, retried: 0 },
    recordsRetried: 0,
    throttled: 0,
    errors: {},
    capacity: null,
    shards: [],
    workers: [],
    thresholds: [],
    notice: undefined,
    ...changes,
  };
}

describe('the progress line', () => {
  it('says 1 record/s', () => {
    const seconds = [{ t: 0, target: undefined, offered: 1, sent: 1, throttled: 0, failed: 0, p50: 8, p99: 8 }];
    expect(progressLine(viewOf({ seconds, rpsTarget: 1 }))).toContain('  1 of 1 record/s  ');
    expect(progressLine(viewOf({ seconds, rpsTarget: undefined }))).toContain('  1 record/s  ');
  });

  it('counts the seconds that have passed, so that lines a second apart skip none', () => {
    const times = [450, 1460, 2470, 3520].map((elapsedMs) => progressLine(viewOf({ elapsedMs })).trimStart());
    expect(times.map((line) => line.split(' ')[0])).toEqual(['0s', '1s', '2s', '3s']);
  });

  it('shows the last second, the whole run, and the progress', () => {
    const line = progressLine(viewOf());
    expect(line).toContain('1m 05s');
    expect(line).toContain('4,990 of 5,000 records/s');
    expect(line).toContain('sent 324,000 (65 MB)');
    expect(line).toContain('p50 8.1 ms');
    expect(line).toContain('p99 120 ms');
    expect(line).toContain('25.0 %');
    expect(line).not.toMatch(/throttled|failed|rejected|paused|\n/);
  });

  it('shows throttled, failed and rejected records only if there are some', () => {
    const records = { read: 9, sent: 1, failed: 2, rejected: 3, unsent: 3, maybeDuplicated: 0, inDoubt: 0 };
    const line = progressLine(viewOf({ throttled: 1234, records, phase: 'paused' }));
    expect(line).toMatch(/throttled 1,234 .*failed 2 .*rejected 3 .*paused/);
  });

  it('shows a notice instead of the progress', () => {
    const line = progressLine(viewOf({ notice: 'draining: 12 records to go' }));
    expect(line).toMatch(/draining: 12 records to go$/);
    expect(line).not.toContain('25.0 %');
  });

  it('is a line even without a rate, an end or a complete second', () => {
    const line = progressLine(viewOf({ rpsTarget: undefined, progress: undefined, seconds: [] }));
    expect(line).toContain('- records/s');
    expect(line).not.toMatch(/NaN|undefined|%/);
  });
});

it('says that the stream is too small when that becomes known, and again when the conclusion changes', () => {
  const capacity = {
    shards: 2,
    limit: 'records' as const,
    recordsPerSecond: 5000,
    isPeak: false,
    recordBytes: 100,
    enough: false,
    shardsNeeded: 5,
    shardsToSpare: 6,
    hottest: null,
    hotKey: null,
  };
  const lines = new ProgressLines();
  const said = [
    null,
    capacity,
    { ...capacity, recordsPerSecond: 4999 },
    { ...capacity, shardsNeeded: 6 },
    { ...capacity, enough: true },
  ].map((given) => lines.lines(viewOf({ capacity: given })).length);
  expect(said).toEqual([1, 2, 1, 2, 1]);
});
