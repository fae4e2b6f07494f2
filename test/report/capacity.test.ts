import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HotKey, TargetReport } from '../../src/core/report.js';
import { Recorder } from '../../src/measure/recorder.js';
import { Totals } from '../../src/measure/totals.js';
import { capacityLines, capacityOf, shortageText } from '../../src/report/capacity.js';
import { IDLE_GAUGES } from '../support/gauges.js';
import { randomFrom } from '../support/random.js';
import { timed } from '../support/timed.js';

interface Sent {
  /** Records sent to each shard, in turn. */
  readonly sent: readonly number[];
  readonly recordBytes?: number;
  readonly throttled?: readonly number[];
  readonly refusedKeys?: readonly HotKey[];
}

function totalsOf({ sent, recordBytes = 100, throttled = [], refusedKeys = [] }: Sent): Totals {
  const recorder = new Recorder(0);
  recorder.begin(0);
  for (const [shard, records] of sent.entries()) {
    for (let n = 0; n < records; n++) recorder.sent(timed(0, recordBytes), 10, `shard-${shard}`);
    for (let n = 0; n < (throttled[shard] ?? 0); n++) recorder.throttled(10, `shard-${shard}`);
  }
  const totals = new Totals();
  totals.add(recorder.takeSnapshot({ ...IDLE_GAUGES, refusedKeys }));
  return totals;
}

function targetOf(shards: number, limits = true): TargetReport {
  return { kind: 'kinesis', stream: 's', endpoint: null, region: null, shards, limits };
}

describe('how many shards a rate needs', () => {
  it.each<{ asked: number; isPeak?: boolean; found: Sent; lines: string[] }>([
    {
      asked: 5000,
      found: { sent: [1520, 1480] },
      lines: ['2 shards take 2,000 records/s; 5,000 are asked for: 5 shards are needed (6 with 20 % to spare)'],
    },
    {
      asked: 3500,
      isPeak: true,
      found: { sent: [10, 10] },
      lines: [
        '2 shards take 2,000 records/s; 3,500 are due in the busiest second: ' +
          '4 shards are needed (5 with 20 % to spare)',
      ],
    },
    {
      asked: 1500,
      found: { sent: [0, 1500] },
      lines: [
        '2 shards take 2,000 records/s; 1,500 are asked for: enough, but for one shard (2 with 20 % to spare)',
        'shard-1 gets 100 % of the records: spread the keys',
      ],
    },
    {
      asked: 1500,
      found: { sent: [100, 100] },
      lines: ['2 shards take 2,000 records/s; 1,500 are asked for: enough (2 with 20 % to spare)'],
    },
    {
      asked: 900,
      found: { sent: [100] },
      lines: ['1 shard takes 1,000 records/s; 900 are asked for: enough (2 with 20 % to spare)'],
    },
    {
      asked: 500,
      found: { sent: [50, 50], recordBytes: 10_240 },
      lines: [
        '2 shards take 2.1 MB/s; 5.1 MB/s are asked for (500 records/s): 5 shards are needed (6 with 20 % to spare)',
      ],
    },
    {
      asked: 3000,
      found: { sent: [500, 100, 200, 200], throttled: [30] },
      lines: [
        '4 shards take 4,000 records/s; 3,000 are asked for: 6 shards are needed (8 with 20 % to spare)',
        'shard-0 gets 50.0 % of the records: split it, or spread the keys',
      ],
    },
    {
      asked: 4000,
      found: {
        sent: [600, 100, 100, 100],
        throttled: [30],
        refusedKeys: [
          { key: 'user-1', isHashKey: false, shard: 'shard-0', refused: 27 },
          { key: 'other', isHashKey: false, shard: 'shard-0', refused: 1 },
        ],
      },
      lines: [
        '4 shards take 4,000 records/s; 4,000 are asked for: enough, but for one key (5 with 20 % to spare)',
        "key 'user-1' alone asks for 240 % of a shard: no number of shards helps: spread its records over more keys",
      ],
    },
    {
      asked: 3000,
      found: {
        sent: [900, 0, 0, 0],
        throttled: [30],
        refusedKeys: [{ key: '5', isHashKey: true, shard: 'shard-0', refused: 20 }],
      },
      lines: [
        '4 shards take 4,000 records/s; 3,000 are asked for: enough, but for one key (4 with 20 % to spare)',
        "explicit hash key '5' alone asks for 200 % of a shard: no number of shards helps: " +
          'spread its records over more keys',
      ],
    },
    {
      // Three records of a run that has only begun: two shards of ten have none, by chance, and eleven more would not
      // help.
      asked: 5000,
      found: { sent: [0, 2, 0, 0, 0, 1, 0, 0, 0, 0] },
      lines: ['10 shards take 10,000 records/s; 5,000 are asked for: enough (6 with 20 % to spare)'],
    },
  ])('$lines.0', ({ asked, isPeak = false, found, lines }) => {
    const capacity = capacityOf(targetOf(found.sent.length), { recordsPerSecond: asked, isPeak }, totalsOf(found))!;
    expect(capacityLines(capacity)).toEqual(lines);
    expect(shortageText(capacity)).toBe(
      capacity.enough
        ? undefined
        : lines.at(capacity.hotKey === null && capacity.shardsNeeded > capacity.shards ? 0 : -1),
    );
  });

  it('calls no shard uneven when records fall on even shards by chance', () => {
    const chance = fc.record({
      shards: fc.constantFrom(2, 10, 200),
      records: fc.integer({ min: 1, max: 3000 }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(chance, ({ shards, records, seed }) => {
        const random = randomFrom(seed);
        const sent = new Array<number>(shards).fill(0);
        for (let n = 0; n < records; n++) sent[Math.floor(random() * shards)]!++;
        const asked = { recordsPerSecond: 900 * shards, isPeak: false };
        expect(capacityOf(targetOf(shards), asked, totalsOf({ sent }))).toMatchObject({ enough: true, hottest: null });
      }),
    );
  });

  it('is unknown if shards have no limits or were resharded, no rate is asked for, or nothing was sent', () => {
    const totals = totalsOf({ sent: [10] });
    const asked = { recordsPerSecond: 100, isPeak: false };
    expect(capacityOf(targetOf(1, false), asked, totals)).toBeUndefined();
    expect(capacityOf(targetOf(1), null, totals)).toBeUndefined();
    expect(capacityOf(targetOf(1), asked, new Totals())).toBeUndefined();
    expect(capacityOf(targetOf(1), asked, totalsOf({ sent: [10, 20, 20] }))).toBeUndefined();
  });
});
