import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShardMap } from '../../../src/route/shard-map.js';
import type { PendingRecord } from '../../../src/run/worker/pending-record.js';
import { ShardQueues } from '../../../src/run/worker/shard-queues.js';
import type { Partitioner } from '../../../src/target/partitioner.js';
import { runs } from '../../support/runs.js';
import { pendingOf } from '../records.js';

const NONE = Number.POSITIVE_INFINITY;
const HALF = 2n ** 127n;
const SHARDS = [
  { id: 'shard-0', startingHashKey: 0n, endingHashKey: HALF - 1n },
  { id: 'shard-1', startingHashKey: HALF, endingHashKey: 2n ** 128n - 1n },
];
/** A key with its MD5 in the first half, and one in the second half. */
const KEYS = ['a', 'b'];

const MAP = new ShardMap(SHARDS);
const PARTITIONER: Partitioner = {
  ids: SHARDS.map(({ id }) => id),
  indexOf: ({ source, keyStart, keyEnd }) => MAP.indexOf(source, keyStart, keyEnd),
};

const twoShards = () => new ShardQueues(PARTITIONER, 1);
const shardIdOf = (record: PendingRecord) => PARTITIONER.ids[record.shardIndexIn(PARTITIONER)];

function recordFor(shard: number, name = 'x'): PendingRecord {
  return pendingOf({ data: name, key: KEYS[shard]! });
}

function nameOf(record: PendingRecord | undefined): string | undefined {
  return record && Buffer.from(record.data).toString();
}

/** Takes ready records at each moment at which there may be one, until none waits. */
function takeAll(queues: ShardQueues, fromMs: number): string[] {
  const taken: string[] = [];
  let nowMs = fromMs;
  for (let turns = 0; queues.nextReadyMs !== NONE; turns++) {
    expect(turns).toBeLessThan(100_000);
    const record = queues.takeReady(nowMs);
    if (record === undefined) nowMs = Math.max(nowMs + 1, queues.nextReadyMs);
    else taken.push(nameOf(record)!);
  }
  return taken;
}

describe('while no shard throttles', () => {
  it('every record is admitted at once, and has the shard of its key', () => {
    const queues = twoShards();
    for (const shard of [0, 1, 1, 0]) {
      const record = recordFor(shard);
      expect(queues.admit(record, 5)).toBe(true);
    }
    expect([queues.slowedCount, queues.nextReadyMs, queues.takeReady(1e9)]).toEqual([0, NONE, undefined]);
  });

  it('a target without shards has one queue', () => {
    const queues = new ShardQueues({ ids: [], indexOf: () => 0 }, 1);
    expect(queues.admit(recordFor(1), 0)).toBe(true);
  });
});

describe('a shard that throttles', () => {
  it('holds back only its own records', () => {
    const queues = twoShards();
    const first = recordFor(0, 'first');
    queues.admit(first, 0);
    queues.throttled(first, 10);
    queues.putBack(first, 10, 0);
    expect(queues.slowedCount).toBe(1);
    expect(queues.admit(recordFor(0, 'second'), 10)).toBe(false);
    expect(queues.admit(recordFor(1), 10)).toBe(true);
    expect(queues.nextReadyMs).toBeLessThan(NONE);
    expect(takeAll(queues, 10)).toEqual(['first', 'second']);
  });

  it('gets its throttled records before new ones', () => {
    const queues = twoShards();
    const sent = ['1', '2', '3'].map((name) => recordFor(0, name));
    for (const record of sent) queues.admit(record, 0);
    queues.throttled(sent[1]!, 10);
    queues.putBack(sent[1]!, 10, 0);
    for (const name of ['4', '5']) expect(queues.admit(recordFor(0, name), 10)).toBe(false);
    queues.throttled(sent[2]!, 12);
    queues.putBack(sent[2]!, 12, 0);
    expect(takeAll(queues, 12)).toEqual(['2', '3', '4', '5']);
  });

  it('keeps a due record behind those that wait, even if it could go itself', () => {
    const queues = twoShards();
    const first = recordFor(0, 'first');
    queues.admit(first, 0);
    queues.throttled(first, 10);
    queues.putBack(first, 10, 0.5);
    expect(queues.admit(recordFor(0, 'second'), 10)).toBe(false);
    expect(queues.admit(recordFor(0, 'late'), 60_000)).toBe(false);
    expect(takeAll(queues, 60_000)).toEqual(['first', 'second', 'late']);
  });
});

describe('a shard that accepts less than it is offered', () => {
  const TAKES_PER_MS = 1;
  const OFFERED_PER_MS = 2.5;
  const LATENCY_MS = 5;
  const SECONDS = 20;

  it('stays full, and refuses few of the records that it is offered', () => {
    const queues = twoShards();
    const responses: { atMs: number; records: PendingRecord[] }[] = [];
    let [tokens, accepted, refused, refusedAtFirst, offered] = [1000, 0, 0, 0, 0];
    const respond = (record: PendingRecord, nowMs: number) => {
      if (tokens >= 1) {
        tokens--;
        accepted++;
        queues.accepted(record, SHARDS[0]!.id, nowMs);
        return;
      }
      refused++;
      queues.throttled(record, nowMs);
      queues.putBack(record, nowMs, 0.5);
    };
    for (let nowMs = 0; nowMs < SECONDS * 1000; nowMs++) {
      tokens = Math.min(1000, tokens + TAKES_PER_MS);
      while (responses[0] !== undefined && responses[0].atMs <= nowMs) {
        for (const record of responses.shift()!.records) respond(record, nowMs);
      }
      const records: PendingRecord[] = [];
      for (let ready = queues.takeReady(nowMs); ready !== undefined; ready = queues.takeReady(nowMs))
        records.push(ready);
      for (; offered < nowMs * OFFERED_PER_MS; offered++) {
        const record = recordFor(0);
        if (queues.admit(record, nowMs)) records.push(record);
      }
      responses.push({ atMs: nowMs + LATENCY_MS, records });
      if (nowMs === 3000) refusedAtFirst = refused;
    }
    expect(refusedAtFirst).toBeGreaterThan(0);
    expect(refused - refusedAtFirst).toBeLessThan(0.12 * accepted);
    expect(accepted).toBeGreaterThan(0.99 * TAKES_PER_MS * SECONDS * 1000);
  });
});

describe('with any throttling', () => {
  const step = fc.record({
    shard: fc.constantFrom(0, 1),
    passMs: fc.integer({ min: 0, max: 40 }),
    /** The results of the requests in flight. */
    response: fc.constantFrom('none', 'accepted', 'throttled'),
    take: fc.integer({ min: 0, max: 3 }),
  });

  it('no record is lost or duplicated, and those never throttled keep their order within a shard', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const queues = twoShards();
        const underWay: PendingRecord[] = [];
        const firstHanded: string[] = [];
        const throttled = new Set<string>();
        const done: string[] = [];
        let nowMs = 0;
        const hand = (record: PendingRecord) => {
          const name = nameOf(record)!;
          if (!throttled.has(name)) firstHanded.push(name);
          underWay.push(record);
        };
        for (const [i, { shard, passMs, response, take }] of steps.entries()) {
          nowMs += passMs;
          const record = recordFor(shard, `${shard}:${i}`);
          if (queues.admit(record, nowMs)) hand(record);
          for (let n = 0; n < take; n++) {
            const ready = queues.takeReady(nowMs);
            if (ready !== undefined) hand(ready);
          }
          if (response === 'none') continue;
          for (const record of underWay.splice(0)) {
            if (response === 'accepted') {
              queues.accepted(record, shardIdOf(record), nowMs);
              done.push(nameOf(record)!);
            } else {
              throttled.add(nameOf(record)!);
              queues.throttled(record, nowMs);
              queues.putBack(record, nowMs, 0.5);
            }
          }
        }
        const left = takeAll(queues, nowMs);
        firstHanded.push(...left.filter((name) => !throttled.has(name)));
        const all = [...done, ...underWay.map((record) => nameOf(record)!), ...left];
        expect(all.sort()).toEqual(steps.map(({ shard }, i) => `${shard}:${i}`).sort());
        for (const shard of ['0', '1']) {
          const places = firstHanded
            .filter((name) => name.startsWith(`${shard}:`))
            .map((name) => Number(name.slice(2)));
          expect(places).toEqual([...places].sort((a, b) => a - b));
        }
      }),
      { numRuns: runs(60) },
    );
  });

  it('queues take turns: none waits until another one is empty', () => {
    const queues = twoShards();
    for (const shard of [0, 1]) {
      const first = recordFor(shard, `${shard}`);
      queues.admit(first, 0);
      queues.throttled(first, 10);
      queues.putBack(first, 10, 0.5);
      for (let i = 0; i < 300; i++) queues.admit(recordFor(shard, `${shard}`), 10);
    }
    const taken = takeAll(queues, 10);
    expect(taken).toHaveLength(602);
    const inFirstHalf = taken.slice(0, 301).filter((shard) => shard === '0').length;
    expect(inFirstHalf).toBeGreaterThan(75);
    expect(inFirstHalf).toBeLessThan(226);
  });
});

it('queues know when the oldest waiting record was due', () => {
  const queues = twoShards();
  expect(queues.oldestDueMs).toBe(NONE);
  const records = [0, 1].map((shard) => recordFor(shard));
  for (const record of records) {
    queues.throttled(record, 1);
    queues.putBack(record, 1, 0.5);
  }
  const dueMs = records.map(({ intendedAtMs }) => intendedAtMs);
  expect(queues.oldestDueMs).toBe(Math.min(...dueMs));
  takeAll(queues, 1);
  expect(queues.oldestDueMs).toBe(NONE);
});
