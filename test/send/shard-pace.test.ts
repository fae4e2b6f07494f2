import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShardPace, shardUnits } from '../../src/send/shard-pace.js';
import { runs } from '../support/runs.js';
import { lagP99Of, refusedShareOf, type Scene, type Second, simulateShard, sumOf } from './shard-simulation.js';

const LIMIT = 1000;
const MIB = 1024 * 1024;
const full = () => LIMIT;
/** Even without a pace, a record may wait this long: workers look for due records every few milliseconds. */
const LAG_MAX_MS = 50;

const workersAndLatencies = [
  { workers: 1, latencyMs: 1 },
  { workers: 1, latencyMs: 100 },
  { workers: 2, latencyMs: 20 },
  { workers: 4, latencyMs: 100 },
];

function simulated(scene: Omit<Scene, 'limit'> & Partial<Scene>): Second[] {
  return simulateShard({ limit: full, ...scene });
}

function perSecond(seconds: readonly Second[], what: 'attempts' | 'offered' | 'accepted'): number {
  return sumOf(seconds, what) / seconds.length;
}

describe.each(workersAndLatencies)('with $workers workers, $latencyMs ms away', (where) => {
  const cases = [0.25, 0.5, 0.9].flatMap((load) => [0.001, 0.01, 0.05].map((refusedShare) => ({ load, refusedShare })));

  it.each([...cases, { load: 0.25, refusedShare: 0.2 }, { load: 0.5, refusedShare: 0.2 }])(
    '$refusedShare refused at random, at $load of the limit: every second keeps its rate, in time',
    ({ load, refusedShare }) => {
      const seconds = simulated({ ...where, offered: () => load * LIMIT, refusedShare, seconds: 20 }).slice(1);
      // Records that are late by a few milliseconds count in the next second.
      const deviation = refusedShare === 0.2 ? 0.05 : 0.025;
      for (const { offered } of seconds) expect(Math.abs(offered / (load * LIMIT) - 1)).toBeLessThan(deviation);
      expect(lagP99Of(seconds)).toBeLessThan(LAG_MAX_MS);
      expect(seconds.at(-1)!.waiting).toBeLessThan(load * LIMIT * 0.2);
    },
  );

  it.each([0.25, 0.5, 0.9])('5 % of requests refused as a whole, at %d of the limit: the rate is held', (load) => {
    const seconds = simulated({ ...where, offered: () => load * LIMIT, refusedRequests: 0.05, seconds: 20 }).slice(1);
    for (const { offered } of seconds) expect(Math.abs(offered / (load * LIMIT) - 1)).toBeLessThan(0.05);
  });

  it.each([0.25, 0.5, 0.8])(
    'everything refused for half a second in five, at %d of the limit: it catches up',
    (load) => {
      const refusedShare = (atMs: number) => (atMs % 5000 < 500 ? 1 : 0);
      const seconds = simulated({ ...where, offered: () => load * LIMIT, refusedShare, seconds: 30 });
      // The second after the refusals is back at the rate, and the last of the five has no backlog left.
      for (let t = 0; t < 30; t += 5) expect(seconds[t + 1]!.offered).toBeGreaterThan(0.98 * load * LIMIT);
      for (let t = 4; t < 30; t += 5) expect(seconds[t]!.waiting).toBeLessThan(0.05 * load * LIMIT);
    },
  );

  it.each([1.1, 2, 2.5, 10])('%d times what the shard accepts: it stays full, and refuses at most 12 %', (load) => {
    const seconds = simulated({ ...where, offered: () => load * LIMIT, seconds: 20 }).slice(2);
    expect(perSecond(seconds, 'accepted')).toBeGreaterThan(0.99 * LIMIT);
    expect(refusedShareOf(seconds)).toBeLessThan(0.12);
  });

  it.each([
    { recordBytes: 10_240, offered: 250, refusedMax: 0.14 },
    { recordBytes: 102_400, offered: 25, refusedMax: 0.5 },
    // A shard accepts only two such records a second, and most attempts come in between.
    { recordBytes: 512_000, offered: 5, refusedMax: 0.8 },
  ])('records of $recordBytes bytes: the shard stays at its byte limit', ({ recordBytes, offered, refusedMax }) => {
    const scene = { ...where, recordBytes, bytesLimit: MIB, offered: () => offered, seconds: 40 };
    const seconds = simulated(scene).slice(5);
    expect((perSecond(seconds, 'accepted') * recordBytes) / MIB).toBeGreaterThan(0.98);
    expect(refusedShareOf(seconds)).toBeLessThan(refusedMax);
  });

  it('another producer uses 60 %: the rest is used, and most attempts succeed', () => {
    const seconds = simulated({ ...where, offered: () => 1500, others: () => 600, seconds: 20 });
    expect(perSecond(seconds.slice(4), 'accepted')).toBeGreaterThan(0.95 * 400);
    expect(refusedShareOf(seconds)).toBeLessThan(0.3);
  });

  it('another producer uses 60 % every other second: the rest is used', () => {
    const others = (atMs: number) => (atMs % 2000 < 1000 ? 600 : 0);
    const seconds = simulated({ ...where, offered: () => 1500, others, seconds: 20 });
    expect(perSecond(seconds.slice(2), 'accepted')).toBeGreaterThan(0.95 * 700);
    // With a high latency, a response shows what the shard accepted before the other producer came or went.
    expect(refusedShareOf(seconds)).toBeLessThan(where.latencyMs > 20 ? 0.4 : 0.3);
  });

  it('a limit that doubles is used within 2 s, a limit that halves at once', () => {
    const limit = (atMs: number) => (atMs < 10_000 ? 1000 : atMs < 20_000 ? 2000 : 1000);
    const seconds = simulated({ ...where, limit, offered: () => 3000, seconds: 30 });
    expect(perSecond(seconds.slice(12, 20), 'accepted')).toBeGreaterThan(0.98 * 2000);
    expect(perSecond(seconds.slice(22), 'accepted')).toBeGreaterThan(0.98 * 1000);
    expect(refusedShareOf(seconds.slice(22))).toBeLessThan(0.12);
  });

  it('a limit that grows tenfold clears the backlog, and ends the pace', () => {
    const limit = (atMs: number) => (atMs < 5000 ? 1000 : 10_000);
    const seconds = simulated({ ...where, limit, offered: () => 2000, seconds: 15 });
    expect(seconds[7]!.waiting).toBeLessThan(2000);
    expect(lagP99Of(seconds.slice(12))).toBeLessThan(LAG_MAX_MS);
  });

  it('two runs share a shard: it stays full, and neither gets less than a third', () => {
    // The first 20 seconds do not count: the runs approach their parts.
    const scene = { ...where, workers: 2, separateRuns: true, offered: () => 2500, seconds: 40 };
    const seconds = simulated(scene).slice(20);
    expect(perSecond(seconds, 'accepted')).toBeGreaterThan(0.98 * LIMIT);
    for (const run of [0, 1]) {
      const accepted = seconds.reduce((sum, { byWorker }) => sum + byWorker[run]!, 0);
      expect(accepted / sumOf(seconds, 'accepted')).toBeGreaterThan(1 / 3);
    }
  });
});

it('workers that send to one shard each get at least half of an equal part', () => {
  for (const workers of [2, 4, 8]) {
    const { byWorker, accepted } = simulated({ offered: () => 2000, seconds: 30, workers }).at(-1)!;
    for (const records of byWorker) expect(records / accepted).toBeGreaterThan(0.5 / workers);
  }
});

it('a full shard stays full for any limit, overload, latency and number of workers', () => {
  const scene = fc.record({
    limit: fc.integer({ min: 100, max: 5000 }),
    overload: fc.constantFrom(1.1, 2, 10),
    latencyMs: fc.integer({ min: 1, max: 100 }),
    workers: fc.integer({ min: 1, max: 4 }),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(scene, ({ limit, overload, ...where }) => {
      const offered = () => limit * overload;
      const seconds = simulateShard({ ...where, limit: () => limit, offered, seconds: 20 }).slice(5);
      expect(perSecond(seconds, 'accepted') / limit).toBeGreaterThan(0.97);
    }),
    { numRuns: runs(25) },
  );
});

it('a shard within its limit has no pace: nothing is refused, and nothing waits', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 5000 }), fc.double({ min: 0.1, max: 0.99, noNaN: true }), (limit, load) => {
      const seconds = simulateShard({ limit: () => limit, offered: () => limit * load, seconds: 10 });
      expect(sumOf(seconds, 'refused')).toBe(0);
      expect(lagP99Of(seconds)).toBeLessThan(LAG_MAX_MS);
    }),
    { numRuns: 20 },
  );
});

describe('a pace', () => {
  it('begins with a refusal and ends a second after the last one, unless records wait', () => {
    const pace = new ShardPace(1000);
    expect([pace.active, pace.admit(1, 0), pace.nextAdmissionMs(0)]).toEqual([false, true, 0]);
    pace.refused(1, 100, 0.5);
    expect([pace.active, pace.admit(1, 100)]).toEqual([true, false]);
    const nextMs = pace.nextAdmissionMs(100);
    expect(nextMs - 100).toBeGreaterThan(0);
    expect(nextMs - 100).toBeLessThan(2);
    expect(pace.admit(1, nextMs + 0.1)).toBe(true);
    pace.waits(true, 200);
    pace.admit(1, 1200);
    expect(pace.active).toBe(true);
    pace.waits(false, 1200);
    pace.admit(1, 1201);
    expect(pace.active).toBe(false);
  });

  it('counts a record as one unit, or by its bytes if these are more', () => {
    expect(shardUnits(1)).toBe(1);
    expect(shardUnits(1048)).toBe(1);
    expect(shardUnits(MIB)).toBe(1000);
    const pace = new ShardPace(1000);
    pace.refused(1, 0, 0.5);
    expect(pace.admit(shardUnits(MIB), 10)).toBe(true);
    // A record larger than the tokens left may go. The next one waits until the tokens are paid back.
    expect([500, 900, 1000].map((nowMs) => pace.admit(1, nowMs))).toEqual([false, false, true]);
  });

  it('never stops for good, however long a shard refuses everything', () => {
    const pace = new ShardPace(1000);
    for (let nowMs = 0; nowMs < 60_000; nowMs += 10) pace.refused(1, nowMs, 0.5);
    pace.waits(true, 0);
    expect(pace.nextAdmissionMs(60_000) - 60_000).toBeLessThan(1_000);
  });
});
