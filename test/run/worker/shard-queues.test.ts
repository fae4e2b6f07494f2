import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placesOf } from '../../../src/run/between/partitioner.js';
import type { PendingRecord } from '../../../src/run/worker/pending-record.js';
import { ShardQueues } from '../../../src/run/worker/shard-queues.js';
import { pendingOf } from '../records.js';

const NONE = Number.POSITIVE_INFINITY;
const HALF = 2n ** 127n;
const SHARDS = [
  { id: 'shard-0', startingHashKey: 0n, endingHashKey: HALF - 1n },
  { id: 'shard-1', startingHashKey: HALF, endingHashKey: 2n ** 128n - 1n },
];
/** Their MD5 lies in the first and in the second half. */
const KEYS = ['a', 'b'];

function lanesOfTwo(): ShardQueues {
  return new ShardQueues(placesOf({ kind: 'hash-ranges', shards: SHARDS }), 1);
}

function recordFor(shard: number, name = 'x'): PendingRecord {
  return pendingOf({ data: name, key: KEYS[shard]! });
}

function nameOf(record: PendingRecord | undefined): string | undefined {
  return record && Buffer.from(record.data).toString();
}

/** Goes on to each moment at which something may be ready, until nothing waits. */
function takeAll(lanes: ShardQueues, fromMs: number): string[] {
  const taken: string[] = [];
  let nowMs = fromMs;
  for (let turns = 0; lanes.nextReadyMs !== NONE; turns++) {
    expect(turns).toBeLessThan(100_000);
    const record = lanes.takeReady(nowMs);
    if (record === undefined) nowMs = Math.max(nowMs + 1, lanes.nextReadyMs);
    else taken.push(nameOf(record)!);
  }
  return taken;
}

describe('while no shard throttles', () => {
  it('every record goes at once, to the shard of its key', () => {
    const lanes = lanesOfTwo();
    for (const shard of [0, 1, 1, 0]) {
      const record = recordFor(shard);
      expect(lanes.admit(record, 5)).toBe(true);
      expect(lanes.shardId(record)).toBe(SHARDS[shard]!.id);
    }
    expect([lanes.slowedCount, lanes.nextReadyMs, lanes.takeReady(1e9)]).toEqual([0, NONE, undefined]);
  });

  it('a target without shards has one way, without a name', () => {
    const lanes = new ShardQueues(placesOf({ kind: 'hash-ranges', shards: [] }), 1);
    const record = recordFor(1);
    expect(lanes.admit(record, 0)).toBe(true);
    expect(lanes.shardId(record)).toBeUndefined();
  });
});

describe('a shard that throttles', () => {
  it('holds back its own records only', () => {
    const lanes = lanesOfTwo();
    const first = recordFor(0, 'first');
    lanes.admit(first, 0);
    lanes.refused(first, 10);
    lanes.putBack(first, 10, 0);
    expect(lanes.slowedCount).toBe(1);
    expect(lanes.admit(recordFor(0, 'second'), 10)).toBe(false);
    expect(lanes.admit(recordFor(1), 10)).toBe(true);
    expect(lanes.nextReadyMs).toBeLessThan(NONE);
    expect(takeAll(lanes, 10)).toEqual(['first', 'second']);
  });

  it('gets what it threw back before what never went', () => {
    const lanes = lanesOfTwo();
    const sent = ['1', '2', '3'].map((name) => recordFor(0, name));
    for (const record of sent) lanes.admit(record, 0);
    lanes.refused(sent[1]!, 10);
    lanes.putBack(sent[1]!, 10, 0);
    for (const name of ['4', '5']) expect(lanes.admit(recordFor(0, name), 10)).toBe(false);
    lanes.refused(sent[2]!, 12);
    lanes.putBack(sent[2]!, 12, 0);
    expect(takeAll(lanes, 12)).toEqual(['2', '3', '4', '5']);
  });

  it('keeps a record that comes due behind those that wait, even when it could go itself', () => {
    const lanes = lanesOfTwo();
    const first = recordFor(0, 'first');
    lanes.admit(first, 0);
    lanes.refused(first, 10);
    lanes.putBack(first, 10, 0.5);
    expect(lanes.admit(recordFor(0, 'second'), 10)).toBe(false);
    expect(lanes.admit(recordFor(0, 'late'), 60_000)).toBe(false);
    expect(takeAll(lanes, 60_000)).toEqual(['first', 'second', 'late']);
  });
});

describe('a shard that takes less than it is offered', () => {
  const TAKES_PER_MS = 1;
  const OFFERED_PER_MS = 2.5;
  const LATENCY_MS = 5;
  const SECONDS = 20;

  it('is kept busy, and refuses few of the records that it is offered', () => {
    const lanes = lanesOfTwo();
    const answers: { atMs: number; records: PendingRecord[] }[] = [];
    let [tokens, accepted, refused, refusedAtFirst, offered] = [1000, 0, 0, 0, 0];
    const answer = (record: PendingRecord, nowMs: number) => {
      if (tokens >= 1) {
        tokens--;
        accepted++;
        lanes.accepted(record, SHARDS[0]!.id, nowMs);
        return;
      }
      refused++;
      lanes.refused(record, nowMs);
      lanes.putBack(record, nowMs, 0.5);
    };
    for (let nowMs = 0; nowMs < SECONDS * 1000; nowMs++) {
      tokens = Math.min(1000, tokens + TAKES_PER_MS);
      while (answers[0] !== undefined && answers[0].atMs <= nowMs) {
        for (const record of answers.shift()!.records) answer(record, nowMs);
      }
      const records: PendingRecord[] = [];
      for (let ready = lanes.takeReady(nowMs); ready !== undefined; ready = lanes.takeReady(nowMs)) records.push(ready);
      for (; offered < nowMs * OFFERED_PER_MS; offered++) {
        const record = recordFor(0);
        if (lanes.admit(record, nowMs)) records.push(record);
      }
      answers.push({ atMs: nowMs + LATENCY_MS, records });
      if (nowMs === 3000) refusedAtFirst = refused;
    }
    expect(refusedAtFirst).toBeGreaterThan(0);
    expect(refused - refusedAtFirst).toBeLessThan(0.12 * accepted);
    expect(accepted).toBeGreaterThan(0.99 * TAKES_PER_MS * SECONDS * 1000);
  });
});

describe('through any throttling', () => {
  const step = fc.record({
    shard: fc.constantFrom(0, 1),
    passMs: fc.integer({ min: 0, max: 40 }),
    /** What becomes of the requests that are under way. */
    answer: fc.constantFrom('none', 'accepted', 'throttled'),
    take: fc.integer({ min: 0, max: 3 }),
  });

  it('no record is lost or doubled, and those that were never thrown back keep their order within a lane', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const lanes = lanesOfTwo();
        const underWay: PendingRecord[] = [];
        const firstHanded: string[] = [];
        const thrownBack = new Set<string>();
        const done: string[] = [];
        let nowMs = 0;
        const hand = (record: PendingRecord) => {
          const name = nameOf(record)!;
          if (!thrownBack.has(name)) firstHanded.push(name);
          underWay.push(record);
        };
        for (const [i, { shard, passMs, answer, take }] of steps.entries()) {
          nowMs += passMs;
          const record = recordFor(shard, `${shard}:${i}`);
          if (lanes.admit(record, nowMs)) hand(record);
          for (let n = 0; n < take; n++) {
            const ready = lanes.takeReady(nowMs);
            if (ready !== undefined) hand(ready);
          }
          if (answer === 'none') continue;
          for (const record of underWay.splice(0)) {
            if (answer === 'accepted') {
              lanes.accepted(record, lanes.shardId(record), nowMs);
              done.push(nameOf(record)!);
            } else {
              thrownBack.add(nameOf(record)!);
              lanes.refused(record, nowMs);
              lanes.putBack(record, nowMs, 0.5);
            }
          }
        }
        const left = takeAll(lanes, nowMs);
        firstHanded.push(...left.filter((name) => !thrownBack.has(name)));
        const all = [...done, ...underWay.map((record) => nameOf(record)!), ...left];
        expect(all.sort()).toEqual(steps.map(({ shard }, i) => `${shard}:${i}`).sort());
        for (const shard of ['0', '1']) {
          const places = firstHanded
            .filter((name) => name.startsWith(`${shard}:`))
            .map((name) => Number(name.slice(2)));
          expect(places).toEqual([...places].sort((a, b) => a - b));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('lanes that wait take turns: none waits for another to be empty', () => {
    const lanes = lanesOfTwo();
    for (const shard of [0, 1]) {
      const first = recordFor(shard, `${shard}`);
      lanes.admit(first, 0);
      lanes.refused(first, 10);
      lanes.putBack(first, 10, 0.5);
      for (let i = 0; i < 300; i++) lanes.admit(recordFor(shard, `${shard}`), 10);
    }
    const taken = takeAll(lanes, 10);
    expect(taken).toHaveLength(602);
    const inFirstHalf = taken.slice(0, 301).filter((shard) => shard === '0').length;
    expect(inFirstHalf).toBeGreaterThan(75);
    expect(inFirstHalf).toBeLessThan(226);
  });
});

it('know when the oldest record that waits was due, until it is taken', () => {
  const lanes = lanesOfTwo();
  expect(lanes.oldestDueMs).toBe(NONE);
  const records = [0, 1].map((shard) => recordFor(shard));
  for (const record of records) {
    lanes.refused(record, 1);
    lanes.putBack(record, 1, 0.5);
  }
  const dueMs = records.map(({ intendedAtMs }) => intendedAtMs);
  expect(lanes.oldestDueMs).toBe(Math.min(...dueMs));
  takeAll(lanes, 1);
  expect(lanes.oldestDueMs).toBe(NONE);
});
