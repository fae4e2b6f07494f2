import { describe, expect, it } from 'vitest';
import type { HotKey, TargetReport } from '../../src/core/report.js';
import { Recorder } from '../../src/measure/recorder.js';
import { Totals } from '../../src/measure/totals.js';
import { capacityLines, capacityOf, shortageText } from '../../src/report/capacity.js';
import { IDLE_GAUGES } from '../support/gauges.js';

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
    for (let n = 0; n < records; n++) recorder.sent(0, 10, recordBytes, `shard-${shard}`);
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
        '2 shards take 2,000 records/s; 3,500 are due in the busiest second: 4 shards are needed (5 with 20 % to spare)',
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
      found: { sent: [50, 10, 20, 20], throttled: [30] },
      lines: [
        '4 shards take 4,000 records/s; 3,000 are asked for: 6 shards are needed (8 with 20 % to spare)',
        'shard-0 gets 50.0 % of the records: split it, or spread the keys',
      ],
    },
    {
      asked: 4000,
      found: {
        sent: [60, 10, 10, 10],
        throttled: [30],
        refusedKeys: [
          { key: 'user-1', shard: 'shard-0', refused: 27 },
          { key: 'other', shard: 'shard-0', refused: 1 },
        ],
      },
      lines: [
        '4 shards take 4,000 records/s; 4,000 are asked for: enough, but for one key (5 with 20 % to spare)',
        "key 'user-1' alone asks for 240 % of a shard: no number of shards helps: spread its records over more keys",
      ],
    },
  ])('$lines.0', ({ asked, isPeak = false, found, lines }) => {
    const capacity = capacityOf(targetOf(found.sent.length), { recordsPerSecond: asked, isPeak }, totalsOf(found))!;
    expect(capacityLines(capacity)).toEqual(lines);
    expect(shortageText(capacity)).toBe(capacity.enough ? undefined : lines.at(capacity.hotKey === null ? 0 : -1));
  });

  it('is not said where shards have no limits, no rate is asked for, or nothing was sent', () => {
    const totals = totalsOf({ sent: [10] });
    const asked = { recordsPerSecond: 100, isPeak: false };
    expect(capacityOf(targetOf(1, false), asked, totals)).toBeUndefined();
    expect(capacityOf(targetOf(1), null, totals)).toBeUndefined();
    expect(capacityOf(targetOf(1), asked, new Totals())).toBeUndefined();
  });
});
