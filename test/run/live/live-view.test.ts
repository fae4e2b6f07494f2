import { describe, expect, it } from 'vitest';
import { Recorder } from '../../../src/measure/recorder.js';
import { Totals } from '../../../src/measure/totals.js';
import { LiveRates } from '../../../src/run/live/live-rates.js';
import { type LiveFacts, liveView, scheduleText } from '../../../src/run/live/live-view.js';
import { RecentLatencies } from '../../../src/run/live/recent-latencies.js';
import { LiveTracker } from '../../../src/run/live/tracker.js';
import { timed } from '../../support/timed.js';

const FACTS: LiveFacts = {
  phase: 'running',
  elapsedMs: 10_000,
  target: { kind: 'embedded', stream: 's', endpoint: null, region: null, shards: 2, limits: true },
  rpsTarget: 100,
  schedule: '100 records/s',
  input: 'a.csv',
  capacity: null,
  recording: undefined,
  thresholds: [],
  notice: undefined,
  read: 0,
  skipped: 0,
  rejected: 0,
  others: 0,
  inputProgress: { done: 0, total: undefined },
  count: undefined,
  scheduleMs: 10_000,
  durationMs: undefined,
  askedIn: () => 100,
};

const GAUGES = {
  held: 4,
  requestsInFlight: 2,
  slowedShards: 1,
  waitingForKey: 0,
  refusedKeys: [],
  behindMs: 0,
  respondedAtMs: 0,
  noResponseSinceMs: 0,
};

function view(facts: Partial<LiveFacts>, totals = new Totals()) {
  const all = { ...FACTS, ...facts };
  const tracker = new LiveTracker([], true);
  tracker.advance(totals, all.elapsedMs);
  return liveView(all, totals, tracker);
}

/** Worker 0 sends a record a second. Its latency in milliseconds is the number of the second. */
function totalsOf(seconds: number): Totals {
  const totals = new Totals();
  const recorder = new Recorder(0);
  recorder.begin(0);
  for (let second = 0; second < seconds; second++) {
    const at = second * 1000 + 500;
    recorder.sent(timed(at - second, 10), at, 'shard-0');
    totals.add(recorder.takeSnapshot(GAUGES));
  }
  return totals;
}

describe('the progress of a run', () => {
  const bytes = (done: number) => ({ done, total: 1000 });
  /** Rejected records count as done. */
  const read = (count: number) => ({ read: count, rejected: count });

  it.each<[string, Partial<LiveFacts>, object | undefined]>([
    ['no end is known', {}, undefined],
    [
      'only the input ends',
      { ...read(20), inputProgress: bytes(250) },
      { done: 250, total: 1000, unit: 'bytes', etaMs: 30_000 },
    ],
    ['only the count ends', { ...read(20), count: 100 }, { done: 20, total: 100, unit: 'records', etaMs: 40_000 }],
    [
      'only the time ends',
      { ...read(20), durationMs: 40_000 },
      { done: 10_000, total: 40_000, unit: 'ms', etaMs: 30_000 },
    ],
    ['the count is nearer', { ...read(90), inputProgress: bytes(250), count: 100 }, { done: 90, unit: 'records' }],
    ['the time is nearer', { ...read(5), durationMs: 12_500, count: 100 }, { unit: 'ms', etaMs: 2500 }],
    [
      'the input is nearer',
      { ...read(1), durationMs: 40_000, inputProgress: bytes(999) },
      { done: 999, unit: 'bytes' },
    ],
    ['it has not begun', { inputProgress: bytes(0), scheduleMs: 0 }, { done: 0, etaMs: undefined }],
    ['it is past its end', { ...read(1), durationMs: 9000 }, { done: 9000, total: 9000, etaMs: 0 }],
    ['nothing was read from a pipe', { durationMs: 10_050 }, { done: 0, total: 10_050 }],
    ['no record that was read was sent', { read: 100, inputProgress: bytes(1000) }, { done: 0, total: 1000 }],
    ['an earlier leg sent half', { skipped: 50, read: 50, count: 100 }, { done: 50, total: 100 }],
    ['an earlier leg sent all records so far', { skipped: 50, inputProgress: bytes(500) }, { done: 500, total: 1000 }],
    ['it drains, and nothing is sent', { phase: 'draining', durationMs: 9000, read: 50 }, { etaMs: undefined }],
    ['the input is empty', { inputProgress: { done: 0, total: 0 } }, undefined],
  ])('when %s', (_, facts, expected) => {
    const { progress } = view(facts);
    if (expected === undefined) expect(progress).toBeUndefined();
    else expect(progress).toMatchObject(expected);
  });

  it('that drains ends when the held records are sent at the pace of the last seconds', () => {
    const facts = { phase: 'draining', elapsedMs: 10_300, durationMs: 10_000, read: 30 } as const;
    expect(view(facts, totalsOf(10)).progress).toMatchObject({ total: 10_000, etaMs: 20_000 });
  });

  it('that is behind its rate ends when all is sent at the pace of the last seconds', () => {
    // Ten seconds to go: 20 more records and 10 held ones, at one a second.
    const facts = { elapsedMs: 10_300, durationMs: 20_000, rpsTarget: 2, read: 20 };
    expect(view(facts, totalsOf(10)).progress).toMatchObject({ total: 20_000, etaMs: 30_000 });
    expect(view({ ...facts, read: 12 }, totalsOf(10)).progress).toMatchObject({ etaMs: 10_000 });
  });
});

it('the progress counts sent records, and is complete when all are sent', () => {
  const atEnd = { inputProgress: { done: 1000, total: 1000 }, phase: 'draining' } as const;
  for (const [sent, done] of [
    [0, 0],
    [6, 600],
    [10, 1000],
  ] as const) {
    expect(view({ ...atEnd, read: 10 }, totalsOf(sent)).progress).toMatchObject({ done, total: 1000 });
  }
  expect(view({ read: 10, count: 20 }, totalsOf(6)).progress).toMatchObject({ done: 6, total: 20 });
});

it('records that were read and not settled are unsent', () => {
  const { records } = view({ read: 20, rejected: 3 }, totalsOf(5));
  expect(records).toEqual({ read: 20, sent: 5, failed: 0, rejected: 3, unsent: 12, maybeDuplicated: 0, inDoubt: 0 });
});

describe('the seconds of a run', () => {
  it('are the complete ones, including those in which nothing happened', () => {
    const { seconds } = view({ elapsedMs: 8_500 }, totalsOf(5));
    expect(seconds.map(({ sent }) => sent)).toEqual([1, 1, 1, 1, 1, 0, 0, 0]);
    expect(seconds[4]!.p99).toBeCloseTo(4, 1);
    expect(seconds[6]).toEqual({ t: 6, target: 100, offered: 0, sent: 0, throttled: 0, failed: 0, p50: 0, p99: 0 });
  });

  it('leave out a second whose counts have not all arrived', () => {
    expect(view({ elapsedMs: 5_050 }, totalsOf(6)).seconds).toHaveLength(4);
    expect(view({ elapsedMs: 5_990 }, totalsOf(6)).seconds).toHaveLength(5);
    expect(view({ elapsedMs: 10 }, totalsOf(1)).seconds).toEqual([]);
  });

  it('are the last sixty of a long run', () => {
    const { seconds } = view({ elapsedMs: 200_500 }, totalsOf(200));
    expect(seconds).toHaveLength(60);
    expect(seconds[0]!.p50).toBeCloseTo(140, 0);
  });
});

describe('the rates', () => {
  const ids = ['shard-0', 'shard-1'];

  /** Counts records as a worker does, and samples the rates when a second is complete. */
  function sampled(ids: readonly string[], limited: boolean) {
    const rates = new LiveRates(ids, limited);
    const latencies = new RecentLatencies();
    const totals = new Totals();
    const recorder = new Recorder(0);
    recorder.begin(0);
    const sample = (elapsedMs: number, count: (recorder: Recorder, atMs: number) => void, atMs = elapsedMs - 800) => {
      count(recorder, atMs);
      totals.add(recorder.takeSnapshot(GAUGES));
      rates.sample(totals, elapsedMs, latencies);
    };
    return { rates, sample };
  }

  const sending = (shard: string, records: number, bytes: number) => (recorder: Recorder, atMs: number) => {
    for (let i = 0; i < records; i++) recorder.sent(timed(atMs, bytes), atMs, shard);
    recorder.throttled(atMs, shard);
  };

  it('are those of the last complete second, for each shard and worker', () => {
    const { rates, sample } = sampled(ids, true);
    expect(rates.shards.map(({ id, load }) => [id, load])).toEqual([
      ['shard-0', 0],
      ['shard-1', 0],
    ]);
    sample(1300, sending('shard-0', 0, 0));
    sample(2300, sending('shard-0', 500, 10));
    expect(rates.shards[0]).toMatchObject({ recordsPerSecond: 500, bytesPerSecond: 5000, load: 0.5 });
    expect(rates.shards[0]).toMatchObject({ throttledPerSecond: 1, throttledTotal: 2 });
    expect(rates.shards[1]).toMatchObject({ recordsPerSecond: 0, load: 0 });
    const worker = { id: 0, sent: 500, recordsPerSecond: 500, bytesPerSecond: 5000, held: 4, requestsInFlight: 2 };
    expect(rates.workers).toEqual([{ ...worker, slowedShards: 1, p50: 0, p99: 0 }]);

    // Nothing changes before another second is complete.
    sample(2900, sending('shard-0', 100, 10));
    expect(rates.shards[0]!.recordsPerSecond).toBe(500);
    sample(4300, sending('shard-0', 100, 10_485.76), 3100);
    expect(rates.shards[0]).toMatchObject({ recordsPerSecond: 100 });
    // Few but large records: the limit that is used more decides.
    expect(rates.shards[0]!.load).toBeCloseTo(1, 6);
  });

  it('of partitions, which have no limits, are relative to the busiest one', () => {
    const { rates, sample } = sampled(['0', '1', '2'], false);
    sample(1300, () => {});
    expect(rates.shards.map(({ load }) => load)).toEqual([0, 0, 0]);
    sample(2300, (recorder, atMs) => {
      sending('0', 200, 10)(recorder, atMs);
      sending('1', 50, 10)(recorder, atMs);
    });
    expect(rates.shards.map(({ load }) => load)).toEqual([1, 0.25, 0]);
  });

  it('become heat, second by second, for the last minute', () => {
    const { rates, sample } = sampled(ids, true);
    sample(1300, sending('shard-0', 650, 1));
    sample(2300, sending('shard-1', 4000, 1));
    // Two seconds for which there was no time. What happened in each is known all the same.
    sample(4300, sending('shard-1', 500, 1));
    expect(rates.heat(4)).toEqual([
      { id: 'shard-0', loads: Uint8Array.of(65, 0, 0, 0) },
      { id: 'shard-1', loads: Uint8Array.of(0, 255, 0, 50) },
    ]);
    expect(rates.heat(2)[1]!.loads).toEqual(Uint8Array.of(0, 50));
    sample(64_300, sending('shard-0', 600, 1));
    expect(rates.heat(60)[0]!.loads).toEqual(new Uint8Array(60).fill(60, 59));
    expect(rates.heat(60)[1]!.loads).toEqual(new Uint8Array(60));
  });

  it('become the heat of the hottest shards, if there are many', () => {
    const many = Array.from({ length: 100 }, (_, i) => `shard-${i}`);
    const { rates, sample } = sampled(many, true);
    expect(rates.heat(0)).toHaveLength(64);
    sample(1000, sending('shard-99', 100, 1));
    sample(1300, sending('shard-98', 200, 1));
    const heat = rates.heat(1);
    expect(heat).toHaveLength(64);
    expect(heat.slice(0, 3).map(({ id }) => id)).toEqual(['shard-98', 'shard-99', 'shard-0']);
  });
});

it.each([
  [{ kind: 'constant-rate', rps: 5000 }, 5000, '5,000 records/s'],
  [{ kind: 'constant-rate', rps: 5000 }, 7500, '7,500 records/s'],
  [{ kind: 'constant-rate', rps: 1 }, 1, '1 record/s'],
  [{ kind: 'recorded', speed: 1 }, undefined, 'as recorded'],
  [{ kind: 'recorded', speed: 2.5 }, undefined, 'as recorded, 2.5x'],
  [{ kind: 'as-fast-as-possible' }, undefined, 'as fast as possible'],
] as const)('the schedule %j has a title', (mode, rps, text) => {
  expect(scheduleText(mode, rps)).toBe(text);
});
