import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Snapshot, WorkerGauges } from '../../src/core/snapshot.js';
import { Recorder } from '../../src/measure/recorder.js';
import { parseThreshold } from '../../src/threshold/parse.js';
import { type Moment, ThresholdWatch } from '../../src/threshold/watch.js';
import { Window } from '../../src/threshold/window.js';
import { timed } from '../support/timed.js';

const NO_TIMES = { valuesUs: new Float64Array(), counts: new Float64Array(), sumUs: 0 };

const GAUGES: WorkerGauges = {
  held: 0,
  requestsInFlight: 0,
  slowedShards: 0,
  waitingForKey: 0,
  behindMs: 0,
  refusedKeys: [],
  respondedAtMs: 0,
  noResponseSinceMs: Number.POSITIVE_INFINITY,
};

/** What happens in one second of a made-up run. */
interface Happening {
  readonly sent?: number;
  readonly latencyMs?: number;
  readonly failed?: number;
  readonly throttled?: number;
  readonly shard?: string;
  readonly behindMs?: number;
  readonly isPaced?: boolean;
  readonly rejected?: number;
}

const askedIn = () => 100;
const NOT_PACED = { isPaced: false, askedIn, rejected: 0, behindMs: 0 };

/** Runs a watch through the seconds, with four reports and ticks in each, and returns it before `finish`. */
function watched(texts: readonly string[], seconds: readonly Happening[], warmUpMs = 0): ThresholdWatch {
  const watch = new ThresholdWatch(texts.map(parseThreshold), warmUpMs);
  const recorder = new Recorder(0);
  recorder.begin(0);
  let rejected = 0;
  for (const [index, happening] of seconds.entries()) {
    const { sent = 0, latencyMs = 10, failed = 0, throttled = 0, shard = 'shard-0', behindMs = 0 } = happening;
    rejected += happening.rejected ?? 0;
    for (let quarter = 0; quarter < 4; quarter++) {
      const nowMs = index * 1000 + quarter * 250 + 100;
      const part = (n: number) => Math.floor((n * (quarter + 1)) / 4) - Math.floor((n * quarter) / 4);
      for (let i = 0; i < part(sent); i++) {
        recorder.offered(timed(nowMs - latencyMs), nowMs - latencyMs);
        recorder.sent(timed(nowMs - latencyMs, 100), nowMs, shard);
      }
      for (let i = 0; i < part(failed); i++) recorder.failed(nowMs);
      for (let i = 0; i < part(throttled); i++) recorder.throttled(nowMs, shard);
      watch.add(recorder.takeSnapshot(GAUGES) as Snapshot);
      const { isPaced = true } = happening;
      watch.tick({ elapsedMs: nowMs, isPaced, askedIn, rejected, behindMs });
    }
  }
  return watch;
}

function resultsOf(texts: readonly string[], seconds: readonly Happening[], unsent = 0, warmUpMs = 0) {
  const watch = watched(texts, seconds, warmUpMs);
  const rejected = seconds.reduce((sum, second) => sum + (second.rejected ?? 0), 0);
  const moment: Moment = { ...NOT_PACED, elapsedMs: seconds.length * 1000, rejected };
  watch.finish(moment, seconds.length * 1000, unsent);
  return watch.results();
}

const resultOf = (text: string, seconds: readonly Happening[], unsent = 0) => resultsOf([text], seconds, unsent)[0]!;
const steady = (count: number, happening: Happening = {}): Happening[] =>
  Array.from({ length: count }, () => ({ sent: 100, ...happening }));

describe('the whole run', () => {
  it('is judged when it has ended', () => {
    const seconds = [...steady(9), ...steady(1, { latencyMs: 300 })];
    expect(resultOf('latency.p90 < 50ms', seconds)).toMatchObject({ ok: true, got: '10.0 ms', since: null });
    expect(resultOf('latency.p99 < 50ms', seconds)).toMatchObject({ ok: false, got: '300 ms', since: null });
    expect(resultOf('latency.mean < 40ms', seconds)).toMatchObject({ ok: true, got: '39.0 ms' });
    expect(resultOf('rps.deviation < 1%', seconds)).toMatchObject({ ok: true, value: 0 });
    expect(resultOf('rps.achieved >= 100', seconds)).toMatchObject({ ok: true, got: '100/s' });
  });

  it('has no samples if it ended before those seconds that count', () => {
    expect(resultOf('records.failed == 0 after 30s', steady(5))).toMatchObject({ ok: false, got: 'no samples' });
    expect(resultOf('records.unsent == 0', steady(5))).toMatchObject({ ok: true });
    expect(resultOf('records.failed == 0 after 4s', steady(5))).toMatchObject({ ok: true, got: '0' });
  });

  it('leaves out the warm-up as `after` does, and what workers report late for it', () => {
    const seconds = [...steady(3, { latencyMs: 900, failed: 5, throttled: 50 }), ...steady(9)];
    for (const text of ['latency.max < 50ms', 'records.failed == 0', 'throttled.rate < 1%', 'lag.p99 < 50ms over 2s']) {
      const [after] = resultsOf([`${text} after 3s`], seconds);
      expect(resultsOf([text], seconds, 0, 3_000)).toEqual([{ ...after, threshold: text }]);
      expect(resultsOf([`${text} after 1s`], seconds, 0, 3_000)[0]).toMatchObject({ ok: true, value: after!.value });
    }
    const watch = new ThresholdWatch([parseThreshold('latency.max < 50ms')], 1_000);
    watch.tick({ ...NOT_PACED, elapsedMs: 1_500 });
    const recorder = new Recorder(0);
    recorder.begin(0);
    recorder.sent(timed(0, 100), 999, undefined);
    recorder.sent(timed(990, 100), 1_000, undefined);
    watch.add(recorder.takeSnapshot(GAUGES) as Snapshot);
    watch.finish({ ...NOT_PACED, elapsedMs: 2_000 }, 2_000, 0);
    expect(watch.results()).toMatchObject([{ ok: true, got: '10.0 ms' }]);
  });

  it('counts records, and says since when there are too many', () => {
    const seconds = [...steady(3), ...steady(1, { failed: 2, throttled: 20, rejected: 3 }), ...steady(2)];
    expect(resultOf('records.failed == 0', seconds)).toMatchObject({ ok: false, value: 2, since: 3 });
    expect(resultOf('records.failed < 3', seconds)).toMatchObject({ ok: true, value: 2 });
    expect(resultOf('records.rejected == 3', seconds)).toMatchObject({ ok: true, value: 3 });
    expect(resultOf('records.sent == 600', seconds)).toMatchObject({ ok: true });
    expect(resultOf('records.unsent == 0', seconds, 7)).toMatchObject({ ok: false, value: 7 });
    expect(resultOf('throttled.rate < 3%', seconds)).toMatchObject({ ok: false, got: '3.3 %' });
  });

  it('leaves out the seconds before `after`', () => {
    const seconds = [...steady(2, { latencyMs: 500 }), ...steady(3)];
    expect(resultOf('latency.max < 50ms', seconds)).toMatchObject({ ok: false });
    expect(resultOf('latency.max < 50ms after 2s', seconds)).toMatchObject({ ok: true, got: '10.0 ms' });
    expect(resultOf('latency.max < 50ms after 1s', seconds)).toMatchObject({ ok: false });
  });

  it('names the shard that is the worst', () => {
    const seconds = [...steady(2, { shard: 'a' }), ...steady(2, { shard: 'b', throttled: 50 })];
    expect(resultOf('shard(*).throttled.rate < 5%', seconds)).toMatchObject({ ok: false, shard: 'b', got: '33.3 %' });
    expect(resultOf('shard(a).throttled.rate < 5%', seconds)).toMatchObject({ ok: true, shard: 'a', value: 0 });
    expect(resultOf('shard(*).utilization < 10%', seconds)).toMatchObject({ ok: true });
  });
});

describe('a threshold without samples fails', () => {
  it.each([
    ['latency.p99 < 1s', [{}, {}]],
    ['latency.p99 < 1s after 5s', steady(3)],
    ['latency.p99 < 1s over 10s', steady(3)],
    ['throttled.rate < 1%', [{}, {}]],
    ['shard(c).utilization < 80%', steady(3)],
    ['rps.achieved > 0', steady(3, { isPaced: false })],
  ])('%s', (text, seconds) => {
    expect(resultOf(text, seconds)).toMatchObject({ ok: false, value: null, got: 'no samples' });
  });
});

describe('a window', () => {
  it('of some seconds must hold wherever it stands', () => {
    const seconds = [...steady(10), ...steady(2, { latencyMs: 300 }), ...steady(10)];
    // 200 of 2,200 records are slow: the whole run hides them, a window does not.
    expect(resultOf('latency.p90 < 50ms', seconds).ok).toBe(true);
    expect(resultOf('latency.p90 < 50ms over 5s', seconds)).toMatchObject({ ok: false, got: '300 ms', since: 6 });
  });

  it('without samples neither ends nor lengthens the time for which it has been broken', () => {
    const slow = (count: number) => steady(count, { latencyMs: 300 });
    const nothing = steady(4, { sent: 0 });
    const resultFor = (text: string, ...seconds: Happening[][]) => resultOf(text, [...steady(2), ...seconds.flat()]);
    expect(resultFor('latency.p50 < 50ms for 3s', slow(2), nothing, slow(1))).toMatchObject({ ok: false, since: 2 });
    expect(resultFor('latency.p50 < 50ms for 4s', slow(2), nothing, slow(1))).toMatchObject({ ok: true });
    expect(resultFor('latency.p50 < 50ms for 3s', slow(2), nothing, steady(1), slow(2))).toMatchObject({ ok: true });
  });

  it('may be broken for less than `for`', () => {
    const broken = (count: number) => [...steady(5), ...steady(count, { latencyMs: 300 }), ...steady(5)];
    expect(resultOf('latency.p50 < 50ms for 3s', broken(2))).toMatchObject({ ok: true, got: '300 ms' });
    expect(resultOf('latency.p50 < 50ms for 3s', broken(3))).toMatchObject({ ok: false, since: 5 });
  });

  it('does not count seconds in which nothing was due towards the rate', () => {
    const seconds = [...steady(3), ...steady(3, { sent: 0, isPaced: false }), ...steady(3)];
    expect(resultOf('rps.deviation < 1% over 2s', seconds)).toMatchObject({ ok: true, value: 0 });
  });

  it('shows the worst of how far the run was behind', () => {
    const seconds = [...steady(3), ...steady(1, { behindMs: 800 }), ...steady(8)];
    expect(resultOf('behind < 1s', seconds)).toMatchObject({ ok: true, got: '800 ms' });
    expect(resultOf('behind < 500ms over 3s', seconds)).toMatchObject({ ok: false });
  });

  it('has the figures that its records have, whatever came before', () => {
    const happening = fc.record({ sent: fc.integer({ min: 0, max: 30 }), latencyMs: fc.integer({ min: 1, max: 900 }) });
    const args = fc.tuple(fc.array(happening, { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 8 }));
    fc.assert(
      fc.property(args, ([seconds, over]) => {
        const texts = ['p50', 'p99', 'max', 'min'].map((stat) => `latency.${stat} < 1us over ${over}s`);
        const results = resultsOf(texts, seconds);
        const windows = Array.from({ length: Math.max(0, seconds.length - over + 1) }, (_, from) =>
          seconds
            .slice(from, from + over)
            .flatMap(({ sent, latencyMs }) => Array<number>(sent).fill(latencyMs))
            .sort((a, b) => a - b),
        ).filter(({ length }) => length > 0);
        const at = (share: number) =>
          windows.map((sorted) => sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!);
        for (const [i, share] of [0.5, 0.99, 1, 0].entries()) {
          const wanted = windows.length === 0 ? null : Math.max(...at(share));
          if (wanted === null) expect(results[i]!.value).toBe(null);
          // Three significant digits.
          else expect(Math.abs(results[i]!.value! - wanted)).toBeLessThanOrEqual(wanted / 1000 + 0.001);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('the second in which the run ends', () => {
  /** The last second is cut short after its first quarter. */
  const cut = (text: string, seconds: readonly Happening[]) => {
    const watch = watched([text], seconds);
    watch.finish({ ...NOT_PACED, elapsedMs: seconds.length * 1000 - 800 }, seconds.length * 1000, 0);
    return watch.results()[0]!;
  };

  it('is too short to hold too few', () => {
    expect(cut('records.sent > 90 over 1s', [...steady(3), { sent: 10 }])).toMatchObject({ ok: true, value: 100 });
    expect(cut('records.sent == 100 over 1s', [...steady(3), { sent: 10 }])).toMatchObject({ ok: true });
    expect(cut('records.sent > 90 over 1s', [...steady(2), { sent: 80 }, { sent: 10 }])).toMatchObject({ since: 2 });
    expect(cut('records.sent > 5 over 1s', [{ sent: 10 }])).toMatchObject({ ok: false, got: 'no samples' });
  });

  it('can hold too many, or what takes too long', () => {
    const last = [...steady(3), { sent: 10, failed: 4, latencyMs: 900 }];
    expect(cut('records.failed == 0 over 1s', last)).toMatchObject({ ok: false, since: 3 });
    expect(cut('records.failed < 2 over 1s', last)).toMatchObject({ ok: false, since: 3 });
    expect(cut('latency.max < 500ms over 1s', last)).toMatchObject({ ok: false, since: 3 });
  });

  it('is no second for which a window has been broken', () => {
    const broken = (count: number) => [...steady(3), ...steady(count, { latencyMs: 900 }), { sent: 9, latencyMs: 900 }];
    expect(cut('latency.max < 500ms for 3s', broken(2))).toMatchObject({ ok: true });
    expect(cut('latency.max < 500ms for 3s', broken(3))).toMatchObject({ ok: false, since: 3 });
  });
});

describe('the rate', () => {
  const tick = { isPaced: true, askedIn, rejected: 0, behindMs: 0 };

  it('is what each second asks for, also if it changes in it', () => {
    const rising = { ...tick, askedIn: (second: number) => (second < 3 ? 100 : 250) };
    const watch = watched(['rps.deviation < 1% over 1s'], steady(3));
    watch.tick({ ...rising, elapsedMs: 3350 });
    expect(watch.results()[0]).toMatchObject({ ok: true, value: 0 });
    watch.tick({ ...rising, elapsedMs: 4400 });
    expect(watch.results()[0]).toMatchObject({ ok: false, value: 1, since: 3 });
  });

  it('leaves nothing behind in a window without a second that was paced', () => {
    const window = new Window(3, undefined);
    const counts = {
      ...{ index: 0, offered: 0, sent: 0, failed: 0, throttled: 0, retried: 0 },
      ...{ fromIntended: NO_TIMES, service: NO_TIMES, scheduleLag: NO_TIMES, shards: new Map() },
    };
    const seen = { lengthMs: 1003, isWhole: true, rejected: 0, maybeDuplicated: 0, behindMs: 0, shards: new Map() };
    for (let index = 0; index < 12; index++) {
      const asked = [33.3, 1 / 3, 0.1][index % 3]!;
      window.add({ index, counts, seen: { ...seen, isPaced: index < 8, asked, bytes: 100 * index } });
    }
    expect(window.paced).toEqual({ seconds: 0, sent: 0, asked: 0, bytes: 0 });
  });

  it('gives each shard whole records, also if seconds come late', () => {
    const watch = new ThresholdWatch([parseThreshold('shard(*).throttled.rate > 0% over 2s')]);
    const recorder = new Recorder(0);
    recorder.begin(0);
    const second = (index: number, throttled: number) => {
      for (let i = 0; i < throttled; i++) recorder.throttled(index * 1000, 'shard-0');
      recorder.sent(timed(index * 1000, 100), index * 1000, 'shard-0');
      watch.add(recorder.takeSnapshot(GAUGES) as Snapshot);
    };
    second(0, 10);
    watch.tick({ ...tick, elapsedMs: 3400 });
    for (let index = 3; index < 9; index++) {
      second(index, 0);
      watch.tick({ ...tick, elapsedMs: index * 1000 + 1400 });
    }
    expect(watch.results()[0]).toMatchObject({ value: 0 });
  });
});

describe('abort', () => {
  it('waits while a count can still reach what it should be', () => {
    expect(watched(['records.sent == 500 abort'], steady(4)).aborts).toBe(undefined);
    expect(resultOf('records.sent == 500 abort', steady(5))).toMatchObject({ ok: true, value: 500 });
    expect(resultOf('records.sent == 500 abort', steady(4))).toMatchObject({ ok: false, value: 400 });
    expect(watched(['records.sent == 250 abort'], steady(5)).aborts).not.toBe(undefined);
  });

  it('asks for the end as soon as the threshold is crossed', () => {
    const seconds = [...steady(4), ...steady(1, { failed: 1 })];
    expect(watched(['records.failed == 0 abort'], steady(8)).aborts).toBe(undefined);
    expect(watched(['records.failed == 0 abort'], [...seconds, ...steady(2)]).aborts?.text).toBe(
      'records.failed == 0 abort',
    );
    expect(watched(['records.failed == 0'], [...seconds, ...steady(2)]).aborts).toBe(undefined);
  });

  it('stays crossed, even if the run recovers before it has drained', () => {
    const seconds = [...steady(1, { latencyMs: 900 }), ...steady(20)];
    expect(resultOf('latency.p50 < 50ms abort', seconds)).toMatchObject({ ok: false, got: '900 ms', since: 0 });
    expect(resultOf('latency.p50 < 50ms', seconds)).toMatchObject({ ok: true });
  });
});
