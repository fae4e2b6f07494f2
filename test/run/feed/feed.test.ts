import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { KloadError } from '../../../src/core/errors.js';
import { RecordBlock, type Source } from '../../../src/core/record.js';
import { NOTHING_FOUND } from '../../../src/core/report.js';
import type { ScheduleMode } from '../../../src/core/schedule-mode.js';
import { Router } from '../../../src/route/router.js';
import { PackedRecords } from '../../../src/run/between/packed-records.js';
import { EarlierLegs } from '../../../src/run/checkpoint/earlier-legs.js';
import { Ordinals } from '../../../src/run/checkpoint/ordinals.js';
import { Condition } from '../../../src/run/feed/condition.js';
import { Feed } from '../../../src/run/feed/feed.js';
import { type FeedOptions, LOOKAHEAD_MS } from '../../../src/run/feed/feed-options.js';
import type { WorkerPool } from '../../../src/run/feed/worker-pool.js';
import { Schedule } from '../../../src/schedule/schedule.js';
import { nowMs } from '../../../src/system/clock.js';
import { recordIn } from '../records.js';

const OPTIONS: FeedOptions = {
  made: undefined,
  deal: undefined,
  turn: undefined,
  partitionKey: undefined,
  spread: undefined,
  keepsAttributes: true,
  attributesCount: false,
  targetWord: 'stream',
  keyless: 'random',
  ordered: false,
  recordBytesMax: 1024,
  lookaheadMs: LOOKAHEAD_MS,
  skipBadRecords: false,
  count: undefined,
  durationMs: undefined,
  earlier: undefined,
};
const FAST: ScheduleMode = { kind: 'as-fast-as-possible' };

interface Given {
  readonly data?: string;
  readonly key?: string;
  /** Its attributes. */
  readonly attributes?: string;
  readonly recordedAtMs?: number;
  /** Why it cannot be used. */
  readonly bad?: string;
}

/** A source with the records in small blocks, one record a line. */
function sourceOf(records: readonly Given[], blockSize = 7): Source {
  return {
    found: NOTHING_FOUND,
    progress: () => ({ done: 0, total: undefined }),
    async *blocks() {
      const block = new RecordBlock();
      for (let from = 0; from < records.length; from += blockSize) {
        const part = records.slice(from, from + blockSize);
        block.reset('a.csv', Buffer.from(part.map(textOf).join('')));
        let at = 0;
        for (const [i, given] of part.entries()) {
          const { data = '', key = '', attributes = '', recordedAtMs = Number.NaN, bad } = given;
          if (bad !== undefined) block.addBad(from + i + 1, bad);
          else {
            const dataEnd = at + Buffer.byteLength(data);
            const keyEnd = dataEnd + Buffer.byteLength(key);
            block.add(at, dataEnd, recordedAtMs, from + i + 1);
            if (key !== '') block.setKey(dataEnd, keyEnd);
            if (attributes !== '') block.setAttributes(keyEnd, keyEnd + Buffer.byteLength(attributes));
          }
          at += Buffer.byteLength(textOf(given));
        }
        yield block;
      }
    },
  };
}

function textOf({ data = '', key = '', attributes = '' }: Given): string {
  return data + key + attributes;
}

interface Handed {
  readonly worker: number;
  readonly data: string;
  readonly key: string;
  /** What it has beside them. */
  readonly hashKey: string;
  readonly dueMs: number;
}

/** Workers that accept everything, or as many records as they have room for. */
class FakePool {
  readonly dispatched: Handed[] = [];
  room = Number.POSITIVE_INFINITY;
  numbered = false;
  readonly ordinals: number[] = [];
  /** Called when a worker has no room. */
  onFull = () => {};

  hasRoom(_worker: number): boolean {
    if (this.dispatched.length < this.room) return true;
    this.onFull();
    return false;
  }

  /** Small packs, so that there are many. */
  emptyPack(bytes: number): PackedRecords {
    return PackedRecords.allocate(3, Math.max(bytes, 64), this.numbered);
  }

  send(worker: number, pack: PackedRecords): void {
    for (let i = 0; i < pack.count; i++) {
      this.dispatched.push({ worker, ...recordIn(pack, i) });
    }
    const ordinals = new Float64Array(pack.count);
    this.ordinals.push(...ordinals.subarray(0, pack.listUnsettled(ordinals, 0)));
  }

  get data(): string[] {
    return this.dispatched.map(({ data }) => data);
  }
}

interface Setting {
  readonly mode?: ScheduleMode;
  readonly startMs?: number;
  readonly workers?: number;
  readonly options?: Partial<FeedOptions>;
}

function feedTo(pool: FakePool, { mode = FAST, startMs = nowMs() - 1e6, workers = 1, options = {} }: Setting = {}) {
  const schedule = new Schedule(mode, startMs);
  const changed = new Condition();
  const router = new Router(workers);
  const feed = new Feed(schedule, router, pool as unknown as WorkerPool, workers, changed, { ...OPTIONS, ...options });
  return { feed, schedule, changed };
}

function numbered(count: number): Given[] {
  return Array.from({ length: count }, (_, i) => ({ data: `record ${i}`, key: `key ${i % 5}` }));
}

async function errorOf(run: Promise<void>): Promise<KloadError> {
  const error: unknown = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof KloadError) return error;
  throw new Error(`no KloadError: ${String(error)}`);
}

it('begins the schedule when the first records are read, before any is dispatched', async () => {
  const pool = new FakePool();
  const { feed } = feedTo(pool);
  const order: string[] = [];
  const late = sourceOf(numbered(2));
  const source: Source = {
    ...late,
    async *blocks() {
      order.push('asked');
      yield* late.blocks();
    },
  };
  await feed.run(source, () => {
    order.push(`begun with ${pool.dispatched.length} dispatched`);
  });
  expect(order).toEqual(['asked', 'begun with 0 dispatched']);
  expect(pool.dispatched).toHaveLength(2);
});

describe('records', () => {
  it('are all dispatched, in order, with their keys, and equal keys to one worker', async () => {
    const pool = new FakePool();
    const { feed } = feedTo(pool, { workers: 3 });
    const given = numbered(100);
    await feed.run(sourceOf(given));
    expect(feed.read).toBe(100);
    expect([...pool.data].sort()).toEqual(given.map(({ data }) => data).sort());
    for (const key of ['key 0', 'key 1', 'key 2', 'key 3', 'key 4']) {
      const ofKey = pool.dispatched.filter((record) => record.key === key);
      expect(new Set(ofKey.map(({ worker }) => worker)).size).toBe(1);
      expect(ofKey.map(({ data }) => data)).toEqual(given.filter((one) => one.key === key).map(({ data }) => data));
    }
  });

  it('without a key get random keys, and are spread over the workers by these', async () => {
    const pool = new FakePool();
    await feedTo(pool, { workers: 4 }).feed.run(sourceOf(Array.from({ length: 4000 }, () => ({ data: 'x' }))));
    expect(new Set(pool.dispatched.map(({ key }) => key)).size).toBe(4000);
    for (const { key } of pool.dispatched) expect(key).toMatch(/^[0-9a-v]{11}$/);
    for (const worker of [0, 1, 2, 3]) {
      const share = pool.dispatched.filter((one) => one.worker === worker).length;
      expect(Math.abs(share - 1000)).toBeLessThan(200);
    }
  });

  it('without a key end a run with --ordered', async () => {
    const pool = new FakePool();
    const records = [...numbered(3), { data: 'keyless' }, ...numbered(1)];
    const error = await errorOf(feedTo(pool, { options: { ordered: true } }).feed.run(sourceOf(records)));
    expect(error).toMatchObject({ exit: 'usage', hint: expect.stringContaining('--partition-key-field') });
    expect(error.message).toContain('a.csv:4: --ordered keeps the order of each partition key');
    expect(pool.data).toEqual(['record 0', 'record 1', 'record 2']);
    const keyed = feedTo(pool, { options: { ordered: true, partitionKey: 'one' } });
    await keyed.feed.run(sourceOf([{ data: 'x' }]));
    expect(pool.dispatched.at(-1)).toMatchObject({ data: 'x', key: 'one' });
  });

  it('of a run with one key all go to one worker, even those with their own key', async () => {
    const pool = new FakePool();
    const { feed } = feedTo(pool, { workers: 4, options: { partitionKey: 'one' } });
    await feed.run(sourceOf(numbered(20)));
    expect(new Set(pool.dispatched.map(({ worker }) => worker)).size).toBe(1);
    expect(new Set(pool.dispatched.map(({ key }) => key))).toEqual(new Set(['one']));
  });

  it('have the intended times of the schedule', async () => {
    const pool = new FakePool();
    await feedTo(pool, { mode: { kind: 'constant-rate', rps: 100 }, startMs: 5000 }).feed.run(sourceOf(numbered(4)));
    expect(pool.dispatched.map(({ dueMs }) => dueMs)).toEqual([5000, 5010, 5020, 5030]);

    const recorded = new FakePool();
    const times = [1e12, 1e12 + 300, 1e12 + 100].map((recordedAtMs) => ({ data: 'x', recordedAtMs }));
    await feedTo(recorded, { mode: { kind: 'recorded', speed: 2 }, startMs: 5000 }).feed.run(sourceOf(times));
    expect(recorded.dispatched.map(({ dueMs }) => dueMs)).toEqual([5000, 5150, 5150]);
  });

  it('wait for a worker without room, and none is lost', async () => {
    const pool = new FakePool();
    pool.room = 10;
    const { feed, changed } = feedTo(pool);
    let waits = 0;
    pool.onFull = () => {
      waits++;
      setImmediate(() => {
        pool.room = pool.dispatched.length + 10;
        changed.notify();
      });
    };
    const given = numbered(100);
    await feed.run(sourceOf(given, 50));
    expect(waits).toBeGreaterThan(3);
    expect(pool.data).toEqual(given.map(({ data }) => data));
  });
});

/** The options of a run to Kafka. */
const FOR_KAFKA: Partial<FeedOptions> = { keyless: 'none', attributesCount: true, targetWord: 'topic' };

describe('records for a target that accepts them without a key', () => {
  const keyless = (count: number) => Array.from({ length: count }, (_, n) => ({ data: `record ${n}` }));
  const countsOf = ({ dispatched }: FakePool, workers: number) =>
    Array.from({ length: workers }, (_, worker) => dispatched.filter((one) => one.worker === worker).length);

  it('get no key, and fill the workers evenly, with neighbors in one pack', async () => {
    const pool = new FakePool();
    const { feed } = feedTo(pool, { workers: 4, options: FOR_KAFKA });
    await feed.run(sourceOf(keyless(1201), 50));
    expect(pool.dispatched.every(({ key }) => key === '')).toBe(true);
    expect(pool.data).toEqual(keyless(1201).map(({ data }) => data));
    const counts = countsOf(pool, 4);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(3);
    expect(feed.read).toBe(1201);
  });

  it('fill the workers evenly also at a low rate, with no full packs', async () => {
    const pool = new FakePool();
    const { feed } = feedTo(pool, { workers: 3, options: FOR_KAFKA });
    const source = sourceOf(keyless(60), 1);
    const slow: Source = {
      ...source,
      async *blocks() {
        for await (const block of source.blocks()) {
          yield block;
          feed.flush();
        }
      },
    };
    await feed.run(slow);
    expect(countsOf(pool, 3)).toEqual([20, 20, 20]);
  });

  it('skip a worker without room, and wait if none has room', async () => {
    const pool = new FakePool();
    const full = new Set([1]);
    pool.hasRoom = (worker: number) => !full.has(worker);
    const { feed, changed } = feedTo(pool, { workers: 3, options: FOR_KAFKA });
    await feed.run(sourceOf(keyless(30)));
    expect(countsOf(pool, 3)).toEqual([15, 0, 15]);

    for (const worker of [0, 2]) full.add(worker);
    setImmediate(() => {
      expect(feed.waitsForRoom).toBe(true);
      expect(pool.dispatched).toHaveLength(30);
      full.delete(1);
      changed.notify();
    });
    await feed.run(sourceOf(keyless(30)));
    expect(countsOf(pool, 3)).toEqual([15, 30, 15]);
    expect(feed.read).toBe(60);
  });

  it('are all dispatched once, in any mix, and equal keys to one worker', async () => {
    const given = fc.record({
      key: fc.constantFrom('', '', 'a', 'b', 'c'),
      attributes: fc.constantFrom('', '{"h":"x"}', '-'),
      padding: fc.nat(90),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(given, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), async (all, workers) => {
        const records = all.map(({ padding, ...rest }, n) => ({ ...rest, data: `${n} ${'x'.repeat(padding)}` }));
        const pool = new FakePool();
        pool.numbered = true;
        const { feed } = feedTo(pool, { workers, options: { ...FOR_KAFKA, recordBytesMax: 90, skipBadRecords: true } });
        await feed.run(sourceOf(records));
        const fits = records.filter((record) => textOf(record).length <= 90);
        const sent = pool.ordinals.map((n, at) => ({ n, ...pool.dispatched[at]! })).sort((a, b) => a.n - b.n);
        expect(sent.map(({ data, key, hashKey }) => ({ data, key, attributes: hashKey }))).toEqual(
          fits.map(({ data, key, attributes }) => ({ data, key, attributes })),
        );
        for (const key of ['a', 'b', 'c']) {
          const workersOfKey = sent.filter((one) => one.key === key).map(({ worker }) => worker);
          expect(new Set(workersOfKey).size).toBeLessThanOrEqual(1);
        }
        expect(feed).toMatchObject({ read: all.length, rejected: all.length - fits.length });
      }),
    );
  });

  it('are checked by size with their headers, to the byte', async () => {
    const attributes = '{"h":"1"}';
    const records = [
      { data: 'x'.repeat(1011), key: 'kkkk', attributes },
      { data: 'x'.repeat(1012), key: 'kkkk', attributes },
      { data: 'x'.repeat(1024) },
      { data: 'x'.repeat(1016), attributes },
    ];
    const pool = new FakePool();
    const { feed } = feedTo(pool, { options: { ...FOR_KAFKA, skipBadRecords: true } });
    await feed.run(sourceOf(records));
    expect(pool.dispatched.map(({ hashKey }) => hashKey)).toEqual([attributes, '']);
    expect(feed.rejectedFirst).toEqual([
      { at: 'a.csv:2', reason: 'the record has 1025 bytes with its key and headers, the topic takes 1024' },
      { at: 'a.csv:4', reason: 'the record has 1025 bytes with its key and headers, the topic takes 1024' },
    ]);
    const forKinesis = feedTo(pool, { options: { skipBadRecords: true } }).feed;
    await forKinesis.run(sourceOf([records[1]!]));
    expect(forKinesis.rejected).toBe(0);
  });

  it('need a key with --ordered, and all get that of --partition-key', async () => {
    const pool = new FakePool();
    const ordered = feedTo(pool, { options: { ...FOR_KAFKA, ordered: true } }).feed;
    expect((await errorOf(ordered.run(sourceOf(keyless(1))))).message).toContain('--ordered keeps the order');
    const { feed } = feedTo(pool, { workers: 4, options: { ...FOR_KAFKA, partitionKey: 'one' } });
    await feed.run(sourceOf([...keyless(9), { data: 'x', key: 'k', attributes: '{"a":1}' }]));
    expect(new Set(pool.dispatched.map(({ worker, key }) => `${worker} ${key}`)).size).toBe(1);
    expect(pool.dispatched[9]).toMatchObject({ key: 'one', hashKey: '{"a":1}' });
  });
});

describe('the run ends', () => {
  it('after the number of records in --count', async () => {
    for (const count of [1, 7, 8, 20]) {
      const pool = new FakePool();
      const { feed } = feedTo(pool, { options: { count } });
      await feed.run(sourceOf(numbered(20)));
      expect([feed.read, pool.dispatched.length]).toEqual([count, count]);
    }
  });

  it('with the last record that is due within its duration', async () => {
    const pool = new FakePool();
    const mode = { kind: 'constant-rate', rps: 100 } as const;
    await feedTo(pool, { mode, options: { durationMs: 250 } }).feed.run(sourceOf(numbered(100)));
    expect(pool.dispatched).toHaveLength(25);

    const none = new FakePool();
    await feedTo(none, { options: { durationMs: 1000 } }).feed.run(sourceOf(numbered(100)));
    expect(none.dispatched).toHaveLength(0);
  });

  it('not before all records due within it are read, however late', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'hrtime'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const source = sourceOf(numbered(1500));
    const slow: Source = {
      ...source,
      async *blocks() {
        for await (const block of source.blocks()) {
          await vi.advanceTimersByTimeAsync(10);
          yield block;
        }
      },
    };
    const pool = new FakePool();
    const mode: ScheduleMode = { kind: 'constant-rate', rps: 100 };
    await feedTo(pool, { mode, startMs: nowMs() - 1e6, options: { durationMs: 10_000 } }).feed.run(slow);
    expect(pool.dispatched).toHaveLength(1000);
  });

  it('when it is stopped, even while it waits for room or for input', async () => {
    const pool = new FakePool();
    pool.room = 7;
    const { feed } = feedTo(pool);
    pool.onFull = () => setImmediate(() => feed.stop());
    await feed.run(sourceOf(numbered(100)));
    expect(pool.dispatched.length).toBe(feed.read);
    expect(feed.read).toBeLessThan(20);

    const silent: Source = {
      found: NOTHING_FOUND,
      progress: () => ({ done: 0, total: undefined }),
      async *blocks() {
        yield await new Promise<RecordBlock>(() => {});
      },
    };
    const waiting = feedTo(new FakePool()).feed;
    setImmediate(() => waiting.stop());
    await waiting.run(silent);
    expect(waiting.read).toBe(0);
  });

  it('at once if it was stopped before', async () => {
    const pool = new FakePool();
    const { feed } = feedTo(pool);
    feed.stop();
    await feed.run(sourceOf(numbered(10)));
    expect(pool.dispatched).toHaveLength(0);
  });

  it('with an error of the input, after the records before it were dispatched', async () => {
    const pool = new FakePool();
    const { feed } = feedTo(pool);
    const broken: Source = {
      found: NOTHING_FOUND,
      progress: () => ({ done: 0, total: undefined }),
      async *blocks() {
        yield* sourceOf(numbered(5)).blocks();
        throw new KloadError('input', 'a.csv: cannot be read');
      },
    };
    expect((await errorOf(feed.run(broken))).message).toBe('a.csv: cannot be read');
    expect(pool.dispatched).toHaveLength(5);
  });
});

describe('a pause', () => {
  it('holds records back; after it they are due later by its length', async () => {
    const pool = new FakePool();
    const { feed, schedule, changed } = feedTo(pool, { mode: { kind: 'constant-rate', rps: 100 }, startMs: 5000 });
    schedule.pause(6000);
    setImmediate(() => {
      expect(pool.dispatched).toHaveLength(0);
      schedule.resume(6500);
      changed.notify();
    });
    await feed.run(sourceOf(numbered(2)));
    expect(pool.dispatched.map(({ dueMs }) => dueMs)).toEqual([5500, 5510]);
  });
});

describe('a recording', () => {
  const AT = Date.UTC(2026, 0, 1);
  const HOUR = 3_600_000;

  /** Feeds two records that were recorded an hour apart, up to the wait for the second. */
  async function waiting(mode: ScheduleMode) {
    const pool = new FakePool();
    const startMs = nowMs();
    const { feed, schedule } = feedTo(pool, { mode, startMs });
    const before = feed.recording(startMs);
    const ended = feed.run(sourceOf([AT, AT + HOUR].map((recordedAtMs) => ({ data: 'd', key: 'k', recordedAtMs }))));
    onTestFinished(async () => {
      feed.stop();
      await ended;
    });
    await vi.waitUntil(() => pool.dispatched.length === 1, { interval: 1 });
    return { before, schedule, startMs, at: (ms: number) => feed.recording(startMs + ms) };
  }

  it('has its own time, and a next record', async () => {
    const { before, at, schedule, startMs } = await waiting({ kind: 'recorded', speed: 2 });
    expect(before).toBeUndefined();
    expect(at(0)).toEqual({ atMs: AT, nextDueInMs: HOUR / 2 });
    expect(at(60_000)).toEqual({ atMs: AT + 120_000, nextDueInMs: HOUR / 2 - 60_000 });
    expect(at(HOUR)).toEqual({ atMs: AT + HOUR, nextDueInMs: 0 });
    schedule.pause(startMs + 1000);
    expect(at(60_000)).toEqual({ atMs: AT + 2000, nextDueInMs: HOUR / 2 - 1000 });
  });

  it('skips what is cut from a gap', async () => {
    const { at } = await waiting({ kind: 'recorded', speed: 1, gapMaxMs: 10_000 });
    expect(at(4000)).toEqual({ atMs: AT + HOUR - 6000, nextDueInMs: 6000 });
  });

  it('is none for other schedules', async () => {
    const { at } = await waiting({ kind: 'constant-rate', rps: 0.001 });
    expect(at(0)).toBeUndefined();
  });
});

describe('a record that cannot be used', () => {
  const given = [...numbered(9), { bad: 'no data field' }, ...numbered(5)];

  it('ends the run with its position and reason, after the records before it', async () => {
    const pool = new FakePool();
    const { feed } = feedTo(pool);
    const error = await errorOf(feed.run(sourceOf(given)));
    expect([error.exit, error.message]).toEqual(['input', 'a.csv:10: no data field']);
    expect(error.hint).toContain('--on-bad-record skip');
    expect([pool.dispatched.length, feed.read, feed.rejected]).toEqual([9, 10, 1]);
  });

  it('is counted as rejected if such records are skipped, and the first ten are named', async () => {
    const pool = new FakePool();
    const { feed } = feedTo(pool, { options: { skipBadRecords: true } });
    const bad = Array.from({ length: 15 }, () => ({ bad: 'no data field' }));
    await feed.run(sourceOf([...given, ...bad]));
    expect([pool.dispatched.length, feed.read, feed.rejected]).toEqual([14, 30, 16]);
    expect(feed.rejectedFirst).toHaveLength(10);
    expect(feed.rejectedFirst[0]).toEqual({ at: 'a.csv:10', reason: 'no data field' });
  });

  it('may be too large with its key, to the byte', async () => {
    const records = [
      { data: 'x'.repeat(1020), key: 'kkkk' },
      { data: 'x'.repeat(1020), key: 'kkkkk' },
      { data: 'x'.repeat(1013) },
      { data: 'x'.repeat(1014) },
    ];
    const pool = new FakePool();
    const { feed } = feedTo(pool, { options: { skipBadRecords: true } });
    await feed.run(sourceOf(records));
    expect(pool.dispatched).toHaveLength(2);
    expect(feed.rejectedFirst.map(({ at }) => at)).toEqual(['a.csv:2', 'a.csv:4']);
    expect(feed.rejectedFirst[0]!.reason).toContain('1025 bytes with its key, the stream takes 1024');
  });

  it('counts as read, also toward --count', async () => {
    const pool = new FakePool();
    const { feed } = feedTo(pool, { options: { skipBadRecords: true, count: 10 } });
    await feed.run(sourceOf(given));
    expect([pool.dispatched.length, feed.read, feed.rejected]).toEqual([9, 10, 1]);
  });

  it('does not count if it is due after the duration', async () => {
    const mode = { kind: 'constant-rate', rps: 100 } as const;
    const pool = new FakePool();
    const { feed } = feedTo(pool, { mode, options: { durationMs: 50 } });
    await feed.run(sourceOf([...numbered(5), { data: 'x'.repeat(2000), key: 'k' }, ...numbered(5)]));
    expect([pool.dispatched.length, feed.read]).toEqual([5, 5]);
  });
});

describe('a resumed run', () => {
  const earlierOf = (next: number, unsettled: readonly number[]) =>
    new EarlierLegs(next, Ordinals.merged([Float64Array.from(unsettled)]));

  it('dispatches exactly the records that were not settled or not read, with their ordinals', async () => {
    const kinds = fc.array(fc.record({ bad: fc.boolean(), settled: fc.boolean() }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(kinds, fc.nat(70), fc.integer({ min: 1, max: 9 }), async (input, read, blockSize) => {
        const next = Math.min(read, input.length);
        const isSettled = (n: number) => n < next && input[n]!.settled;
        const all = input.map((_, n) => n);
        const pool = new FakePool();
        pool.numbered = true;
        const earlier = earlierOf(
          next,
          all.filter((n) => n < next && !isSettled(n)),
        );
        const { feed } = feedTo(pool, { workers: 2, options: { earlier, skipBadRecords: true } });
        const records = input.map(({ bad }, n) => ({ key: `k${n % 5}`, data: `${n}`, ...(bad && { bad: 'bad' }) }));
        await feed.run(sourceOf(records, blockSize));
        const wanted = all.filter((n) => !isSettled(n));
        const sent = wanted.filter((n) => !input[n]!.bad);
        expect([...pool.ordinals].sort((a, b) => a - b)).toEqual(sent);
        expect(pool.data.map(Number)).toEqual(pool.ordinals);
        expect(feed).toMatchObject({ read: wanted.length, rejected: wanted.length - sent.length });
        expect(feed).toMatchObject({ skipped: all.length - wanted.length, position: all.length, reachedEnd: true });
        expect(feed.leftOfEarlierLegs).toBe(0);
      }),
    );
  });

  it('counts --count over all legs, and reads a bad record that ended an earlier leg again', async () => {
    const pool = new FakePool();
    const { feed } = feedTo(pool, { options: { earlier: earlierOf(10, [3, 7]), count: 12 } });
    await feed.run(sourceOf(numbered(20)));
    expect(pool.data).toEqual(['record 3', 'record 7', 'record 10', 'record 11']);
    expect(feed).toMatchObject({ read: 4, skipped: 8, reachedEnd: false });

    const broken = feedTo(new FakePool(), { options: { earlier: earlierOf(2, []) } }).feed;
    await errorOf(broken.run(sourceOf([...numbered(4), { bad: 'torn' }, ...numbered(3)])));
    expect(broken).toMatchObject({ read: 3, rejected: 1, position: 4, rejectedBefore: 0 });
  });

  it('begins its schedule after the records of earlier legs; those they left are due at once', async () => {
    const startMs = nowMs() - 1e6;
    const times = Array.from({ length: 12 }, (_, n) => ({ data: `${n}`, recordedAtMs: 1e12 + n * 3_600_000 }));
    const pool = new FakePool();
    const mode = { kind: 'recorded', speed: 3_600_000, gapMaxMs: 7_200_000 } as const;
    const { feed, schedule } = feedTo(pool, { mode, startMs, options: { earlier: earlierOf(9, [1, 6]) } });
    await feed.run(sourceOf(times));
    const dueMs = pool.dispatched.map((record) => record.dueMs);
    expect(pool.data).toEqual(['1', '6', '9', '10', '11']);
    for (const overdueMs of dueMs.slice(0, 3)) expect(overdueMs).toBeGreaterThanOrEqual(startMs + 1e6 - 1);
    expect(dueMs[2]! - dueMs[0]!).toBeLessThan(60_000);
    expect(dueMs[3]! - dueMs[2]!).toBeCloseTo(1, 3);
    expect(dueMs[4]! - dueMs[2]!).toBeCloseTo(2, 3);
    expect(schedule.lengthMs).toBeGreaterThanOrEqual(1e6 - 1);
  });

  it('keeps its rate, and does not make up for the time spent skipping settled records', async () => {
    const pool = new FakePool();
    const mode = { kind: 'constant-rate', rps: 1000 } as const;
    const { feed } = feedTo(pool, { mode, startMs: nowMs() - 5000, options: { earlier: earlierOf(6, [0]) } });
    await feed.run(sourceOf(numbered(9)));
    const [first, next, ...rest] = pool.dispatched.map(({ dueMs }) => dueMs);
    expect(next! - first!).toBeGreaterThanOrEqual(4_999);
    expect(rest.map((dueMs) => dueMs - next!)).toEqual([expect.closeTo(1), expect.closeTo(2)]);
  });

  it('is refused if the input ends before the position that earlier legs reached', async () => {
    const { feed } = feedTo(new FakePool(), { options: { earlier: earlierOf(1_300, []) } });
    const error = await errorOf(feed.run(sourceOf(numbered(20))));
    expect(error.exit).toBe('input');
    expect(error.message).toBe('the input now has 20 records, but 1,300 had been read when the run was interrupted');
  });

  it('can be stopped while it skips settled records', async () => {
    const { feed } = feedTo(new FakePool(), { options: { earlier: earlierOf(50, [49]) } });
    const source = sourceOf(numbered(60));
    const stopping: Source = {
      ...source,
      async *blocks() {
        for await (const block of source.blocks()) {
          if (feed.skipped > 20) feed.stop();
          yield block;
        }
      },
    };
    await feed.run(stopping);
    expect(feed.read).toBe(0);
    expect(feed.position).toBeLessThan(40);
    expect(feed.leftOfEarlierLegs).toBe(50 - feed.position);
  });
});
