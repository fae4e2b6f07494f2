import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordBlock, type Source } from '../../../src/core/record.js';
import { NOTHING_FOUND } from '../../../src/core/report.js';
import type { ScheduleMode } from '../../../src/core/schedule-mode.js';
import { GeneratedSource } from '../../../src/generate/generated-source.js';
import type { MadeRecords } from '../../../src/generate/record-maker.js';
import { Deal } from '../../../src/route/deal.js';
import { Router } from '../../../src/route/router.js';
import { PackedRecords } from '../../../src/run/between/packed-records.js';
import { Condition } from '../../../src/run/feed/condition.js';
import { Feed } from '../../../src/run/feed/feed.js';
import { type FeedOptions, feedMade } from '../../../src/run/feed/feed-options.js';
import { Schedule } from '../../../src/schedule/schedule.js';
import { runs } from '../../support/runs.js';
import { recordIn } from '../records.js';

const OPTIONS: FeedOptions = {
  ...{ made: undefined, deal: undefined, turn: undefined, partitionKey: undefined, spread: undefined },
  ...{ keepsAttributes: true, attributesCount: false, targetWord: 'stream', keyless: 'none', ordered: false },
  ...{ recordBytesMax: 60, lookaheadMs: Number.POSITIVE_INFINITY, skipBadRecords: true, count: undefined },
  ...{ durationMs: undefined, earlier: undefined },
};

interface Row {
  readonly key: string;
  readonly bytes: number;
  readonly atMs: number;
  readonly isBad: boolean;
}

/** A record as it was dispatched: its data or its number, and when it is due. */
interface Sent {
  readonly what: string | number;
  readonly key: string;
  readonly dueMs: number;
}

/** Each record names its number. */
function sourceOf(rows: readonly Row[]): Source {
  return {
    found: NOTHING_FOUND,
    progress: () => ({ done: 0, total: undefined }),
    async *blocks() {
      const block = new RecordBlock();
      for (let from = 0; from < rows.length; from += 50) {
        const part = rows.slice(from, from + 50);
        const texts = part.map(({ bytes }, i) => `${from + i}:${'x'.repeat(bytes)}`);
        block.reset('a.csv', Buffer.from(part.map(({ key }, i) => texts[i]! + key).join('')));
        let at = 0;
        for (const [i, { key, atMs, isBad }] of part.entries()) {
          const dataEnd = at + texts[i]!.length;
          if (isBad) block.addBad(from + i + 1, 'bad');
          else {
            block.add(at, dataEnd, atMs, from + i + 1);
            if (key !== '') block.setKey(dataEnd, dataEnd + key.length);
          }
          at = dataEnd + key.length;
        }
        yield block;
      }
    },
  };
}

interface Fed {
  readonly sent: readonly Sent[];
  readonly read: number;
  readonly rejected: number;
  readonly others: number;
  readonly askedFor: number | undefined;
}

async function feedAll(
  mode: ScheduleMode,
  source: Source,
  options: Partial<FeedOptions>,
  originMs?: number,
): Promise<Fed> {
  const sent: Sent[] = [];
  const isMade = options.made !== undefined;
  const sink = {
    hasRoom: () => true,
    emptyPack: (bytes: number) => PackedRecords.allocate(16, Math.max(bytes * 16, 4096), isMade),
    send(_worker: number, pack: PackedRecords) {
      for (let i = 0; i < pack.count; i++) {
        const dueMs = pack.intendedAtMs(i);
        const { data, key } = isMade ? { data: pack.ordinal(i), key: '' } : recordIn(pack, i);
        sent.push({ what: data, key, dueMs });
      }
    },
  };
  const schedule = new Schedule(mode, 0, { durationMs: options.durationMs, originMs });
  const feed = new Feed(schedule, new Router(3), sink, 3, new Condition(), { ...OPTIONS, ...options });
  await feed.run(source);
  schedule.finish();
  return {
    sent,
    ...{ read: feed.read, rejected: feed.rejected, others: feed.others },
    askedFor: schedule.askedBetween(-1, 1e9),
  };
}

const numberOf = ({ what }: Sent): number => Number.parseInt(String(what), 10);
const inOrder = (sent: readonly Sent[]): Sent[] => [...sent].sort((a, b) => numberOf(a) - numberOf(b));
const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

const MODES: readonly ScheduleMode[] = [
  { kind: 'constant-rate', rps: 333 },
  { kind: 'constant-rate', rps: 1e6, arrival: { kind: 'poisson', seed: 3 } },
  { kind: 'constant-rate', rps: 70, arrival: { kind: 'burst', everyMs: 300 } },
  {
    kind: 'stages',
    stages: [
      { fromRps: 0, toRps: 97, durationMs: 2000 },
      { fromRps: 50, toRps: 7, durationMs: 5000 },
    ],
  },
  { kind: 'bytes-per-second', bytesPerSecond: 12_345 },
  { kind: 'as-fast-as-possible' },
];
const RECORDED: ScheduleMode = { kind: 'recorded', speed: 2, gapMaxMs: 700 };

const row = fc.record({
  key: fc.oneof(
    fc.constant(''),
    fc.integer({ min: 0, max: 12 }).map((n) => `k${n}`),
  ),
  bytes: fc.oneof({ weight: 9, arbitrary: fc.nat(20) }, { weight: 1, arbitrary: fc.constant(80) }),
  atMs: fc.integer({ min: 0, max: 4000 }),
  isBad: fc.nat(9).map((n) => n === 0),
});

describe.each([1, 2, 3, 8])('%i parts of a run', (of) => {
  const deals = Array.from({ length: of }, (_, i) => new Deal({ number: i + 1, of }));

  it('send together what the whole run sends, record by record, at the same intended times', async () => {
    const input = fc.record({
      rows: fc.array(row, { maxLength: 300 }),
      mode: fc.constantFrom(...MODES, RECORDED),
      count: fc.option(fc.nat(200), { nil: undefined }),
      durationMs: fc.option(fc.integer({ min: 1, max: 3000 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(input, async ({ rows, mode, ...bounds }) => {
        const whole = await feedAll(mode, sourceOf(rows), bounds);
        const parts = await Promise.all(deals.map((deal) => feedAll(mode, sourceOf(rows), { ...bounds, deal })));
        expect(inOrder(parts.flatMap(({ sent }) => sent))).toEqual(inOrder(whole.sent));
        // The ledgers add up, too, and so do the rates that the parts were asked for.
        expect(sum(parts.map(({ read }) => read))).toBe(whole.read);
        expect(sum(parts.map(({ rejected }) => rejected))).toBe(whole.rejected);
        for (const { read, others } of parts) expect(read + others).toBe(whole.read);
        const keys = parts.map(({ sent }) => new Set(sent.map(({ key }) => key).filter((key) => key !== '')));
        expect(sum(keys.map(({ size }) => size))).toBe(new Set(keys.flatMap((set) => [...set])).size);
      }),
      { numRuns: runs(60) },
    );
  });

  it('make together the records that the whole run makes, at the same intended times', async () => {
    const input = fc.record({
      mode: fc.constantFrom(...MODES),
      keys: fc.integer({ min: 1, max: 300 }),
      zipf: fc.boolean(),
      isFixed: fc.boolean(),
      shared: fc.boolean(),
      count: fc.integer({ min: 1, max: 9000 }),
      durationMs: fc.option(fc.integer({ min: 1, max: 3000 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(input, async ({ mode, keys, zipf, isFixed, shared, ...bounds }) => {
        const plan: MadeRecords = {
          ...{ keys, seed: 7, template: undefined, recordBytesMax: 2 ** 20, partitionKey: shared ? 'one' : undefined },
          size: isFixed ? { kind: 'fixed', bytes: 77 } : { kind: 'uniform', min: 60, max: 900 },
          keyDistribution: zipf ? { kind: 'zipf', exponent: 0.9 } : { kind: 'uniform' },
        };
        const options = { ...bounds, made: feedMade(plan), partitionKey: plan.partitionKey };
        const whole = await feedAll(mode, new GeneratedSource(), options);
        const parts = await Promise.all(
          deals.map((deal) => feedAll(mode, new GeneratedSource(), { ...options, deal })),
        );
        expect(inOrder(parts.flatMap(({ sent }) => sent))).toEqual(inOrder(whole.sent));
      }),
      { numRuns: runs(40) },
    );
  });

  it('are asked together for the rate of the whole', async () => {
    const mode: ScheduleMode = { kind: 'constant-rate', rps: 200 };
    const rows = Array.from({ length: 400 }, (_, n) => ({ key: `k${n % 50}`, bytes: 5, atMs: 0, isBad: false }));
    const parts = await Promise.all(deals.map((deal) => feedAll(mode, sourceOf(rows), { deal })));
    expect(sum(parts.map(({ askedFor = 0 }) => askedFor))).toBeCloseTo(400, 6);
  });

  it('share a rate evenly if each reads only some of the input', async () => {
    const rows = Array.from({ length: 40 * of }, () => ({ key: 'k', bytes: 5, atMs: 0, isBad: false }));
    const mode: ScheduleMode = { kind: 'constant-rate', rps: 100 };
    const own = sourceOf(rows.slice(0, 40));
    const parts = await Promise.all(
      deals.map((_, i) => feedAll(mode, own, { turn: { before: i, after: of - 1 - i } })),
    );
    const due = parts.flatMap(({ sent }) => sent.map(({ dueMs }) => dueMs)).sort((a, b) => a - b);
    expect(due).toEqual(Array.from({ length: 40 * of }, (_, n) => n * 10));
  });
});

it('a part of a recording counts its times from the beginning of the whole', async () => {
  const rows = [5000, 7000].map((atMs) => ({ key: 'k', bytes: 5, atMs, isBad: false }));
  const { sent } = await feedAll({ kind: 'recorded', speed: 1 }, sourceOf(rows), {}, 2000);
  expect(sent.map(({ dueMs }) => dueMs)).toEqual([3000, 5000]);
});

it('parts get about as many keys as each other, of each worker', () => {
  const counts = new Map<string, number>();
  const [deal, router] = [new Deal({ number: 3, of: 8 }), new Router(4)];
  const keys = Array.from({ length: 80_000 }, (_, n) => Buffer.from(`key-${n}`));
  for (const key of keys.filter((key) => deal.ownsKey(key, 0, key.length))) {
    const worker = String(router.route(key, 0, key.length));
    counts.set(worker, (counts.get(worker) ?? 0) + 1);
  }
  expect(counts.size).toBe(4);
  // 2,500 are expected; 250 are five standard deviations.
  for (const count of counts.values()) expect(Math.abs(count - 2500)).toBeLessThan(250);
});
