import { describe, expect, it } from 'vitest';
import type { LiveView } from '../../src/core/live.js';
import { open } from './open.js';
import { literally } from './terminal.js';
import { EMPTY_VIEW, makeView, seconds, shard, shards, worker } from './views.js';

const SIZES = [
  [80, 24],
  [60, 16],
  [120, 30],
  [200, 50],
] as const;

async function screenOf(view: LiveView, columns = 80, rows = 24): Promise<string> {
  const { terminal } = open(view, columns, rows);
  expect(terminal.faults).toEqual([]);
  return terminal.text;
}

describe.each(SIZES)('at %i columns and %i rows', (columns, rows) => {
  it('shows the key facts of every panel', async () => {
    const text = await screenOf(makeView(), columns, rows);
    expect(text).toMatch(/kload run {2}orders\.csv → orders.* ● running +1m 05s/);
    expect(text).toMatch(/20\.0 % +240,345 of 1,200,000 {2}ETA 3m 12s/);
    expect(text).toMatch(/4,993/);
    expect(text).toMatch(/5,000/);
    expect(text).toMatch(/1\.0 MB/);
    expect(text).toMatch(/lag p99 +6\.1 ms/);
    expect(text).toMatch(/intended +8\.1 ms +18\.4 ms +24\.9 ms +61\.2 ms +134 ms +412 ms/);
    expect(text).toMatch(/service +4\.0 ms +9\.2 ms +12\.4 ms +30\.6 ms +67\.0 ms +206 ms/);
    expect(text).toContain('requests ok 481 failed 2 retried 31');
    expect(text).toMatch(/records throttled 1[.,]7\S* retried 1[.,]7/);
    expect(text).toMatch(/errors 1,714 Provi/);
    expect(text).toContain('─ 8 shards ─');
    expect(text).toMatch(/0 throttled \(!\), hottest 70 %/);
    expect(text).toMatch(/worker 0 +2,499|all 2 +4,998/);
    expect(text).toContain('q drain and stop · p pause · +/- rate · ? help');
  });

  it('offers to change the rate only if there is one', async () => {
    const text = await screenOf(makeView({ rpsTarget: undefined, schedule: 'as recorded' }), columns, rows);
    expect(text).toContain('q drain and stop · p pause · ? help');
  });

  it('shows a ledger that adds up', async () => {
    const text = (await screenOf(makeView(), columns, rows)).replaceAll(/\s+/g, ' ');
    const terms = /read ([\d,]+) = sent ([\d,]+) \+ failed ([\d,]+) \+ rejected ([\d,]+) \+ pending ([\d,]+)/.exec(
      text,
    );
    const [read, ...parts] = (terms ?? []).slice(1).map((term) => Number(term.replaceAll(',', '')));
    expect(read).toBe(240_345);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(read);
  });

  it('shows a first frame that has no data yet', async () => {
    const text = await screenOf(EMPTY_VIEW, columns, rows);
    expect(text).toContain('○ starting');
    expect(text).toContain('read 0 = sent 0 + failed 0 + rejected 0 + pending 0');
    expect(text).toMatch(/intended +– +– +–/);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });

  it.each([0, 1, 10_000])('holds %i shards', async (count) => {
    const text = await screenOf(makeView({ shards: shards(count) }), columns, rows);
    expect(text).toMatch(count === 1 ? '1 shard ' : `${count === 0 ? '0' : '10,000'} shards`);
    if (count === 10_000) expect(text).toMatch(/\+[\d,]+ more/);
  });

  it('holds huge numbers', async () => {
    const huge = 987_654_321_987_654;
    const view = makeView({
      elapsedMs: 4e9,
      rpsTarget: huge,
      records: {
        read: huge,
        sent: huge,
        failed: huge,
        rejected: huge,
        unsent: huge,
        maybeDuplicated: huge,
        inDoubt: 0,
      },
      requests: { ok: huge, failed: huge, retried: huge },
      throttled: huge,
      recordsRetried: huge,
      errors: { A: huge },
      seconds: seconds(60).map((second) => ({ ...second, offered: huge, throttled: huge, failed: huge })),
      progress: { done: huge, total: huge, unit: 'bytes', etaMs: huge },
      workers: Array.from({ length: 64 }, (_, id) => ({ ...worker(id), recordsPerSecond: huge, held: huge })),
      shards: shards(300).map((one) => ({ ...one, load: huge, recordsPerSecond: huge, throttledPerSecond: huge })),
    });
    expect(await screenOf(view, columns, rows)).toMatch(/read 98/);
  });

  it('cuts long names and leaves the phase alone', async () => {
    const long = 'very-long-name-'.repeat(30);
    const view = makeView({
      input: `${long}.csv`,
      target: { kind: 'kinesis', stream: long, endpoint: `https://${long}`, region: null, shards: 8, limits: true },
      notice: long,
      errors: { [long]: 3 },
    });
    expect(await screenOf(view, columns, rows)).toMatch(/^kload run {2}very-.*… → very-.*….* ● running +1m 05s\n/);
  });
});

describe('what a terminal would misread', () => {
  it('neutralizes control characters and counts wide ones', async () => {
    const view = makeView({ input: '注文\x1b[2J\n.csv', notice: '\x1b]0;title\x07 日本語 \u202e' });
    const text = await screenOf(view);
    expect(text).toContain('注文?[2J?.csv');
    expect(text).toContain('?]0;title? 日本語');
  });
});

describe('shards', () => {
  it('marks throttled shards with a character of their own', async () => {
    const text = await screenOf(makeView({ shards: [shard(0, 0.5), shard(1, 1, 200), shard(2, 0.25)] }));
    expect(text).toMatch(/0 ▄ {2}50% {2}1 ! 100% {2}2 ▂ {2}25%/);
    expect(text).toContain('1 throttled (!), hottest 100 %');
  });

  it('puts the hottest first if not all fit', async () => {
    const view = makeView({ shards: [...shards(300), shard(300, 1.2, 40), shard(301, 1)] });
    const text = await screenOf(view);
    expect(text).toMatch(/\n!█▇+.* \+\d+ more\n/);
  });

  it('puts the latencies below few shards, or below the rate beside many shards, on a large screen', async () => {
    const rowOf = (text: string, what: RegExp) => text.split('\n').findIndex((row) => what.test(row));
    const few = await screenOf(makeView({ shards: shards(4) }), 200, 50);
    expect(rowOf(few, /^.{99,} {2}─ latency/)).toBeGreaterThan(rowOf(few, /─ 4 shards/));
    const many = await screenOf(makeView({ shards: shards(200) }), 200, 50);
    expect(rowOf(many, /^─ latency/)).toBeGreaterThan(rowOf(many, /^─ records/));
  });

  it('labels all of few shards, and the hottest of many, on a large screen', async () => {
    expect(await screenOf(makeView(), 200, 50)).toMatch(/ 7 ▆ +700\/s +70 %/);
    const many = [...shards(200), shard(200, 1.1, 40)];
    expect(await screenOf(makeView({ shards: many }), 200, 50)).toMatch(/hottest\n.* 200 ! +1,100\/s +110 % {2}!40/);
  });

  it.each([
    [
      80,
      '5,000 records/s need 5 shards (6 with 20 % to spare)',
      'one key needs 2.4 shards: spread its records over more keys',
    ],
    [60, 'too few: 5 needed (6 with 20 % to spare)', 'one key needs 2.4 shards: use more keys'],
    [120, 'too few: 5 needed', 'one key needs 2.4 shards'],
  ])('says at %i columns what would be enough shards', async (columns, tooFew, hotKey) => {
    const capacity = {
      ...({
        shards: 2,
        limit: 'records',
        recordsPerSecond: 5_000,
        isPeak: false,
        recordBytes: 200,
        enough: false,
      } as const),
      ...{ shardsNeeded: 5, shardsToSpare: 6, hottest: null, hotKey: null },
    };
    const view = (more: object) => makeView({ shards: shards(2), capacity: { ...capacity, ...more } });
    expect(await screenOf(view({}), columns, 30)).toMatch(new RegExp(`─ 2 shards ─+ ${literally(tooFew)} ─$`, 'm'));
    const hot = view({ hotKey: { key: 'k', load: 2.4 } });
    expect(await screenOf(hot, columns, 30)).toMatch(new RegExp(`─ 2 shards ─+ ${literally(hotKey)} ─$`, 'm'));
  });

  it.each([
    [60, 16, 'no response for 12s: the run ends after 30s +q p \\+/- \\? help$'],
    [60, 15, 'no response for 12s: the run ends after 30s\nq drain and stop · p pause · \\+/- rate · \\? help$'],
    [40, 10, 'no response for 12s: the run ends after…\nq stop · p pause · \\+/- rate · \\? help$'],
    [80, 24, 'no response for 12s: the run ends after 30s +q p \\+/- \\? help$'],
    [200, 50, 'no response for 12s: the run ends after 30s +q drain and stop · p pause · \\+/- rate · \\? help$'],
  ])('keeps the keys beside a notice at %i columns and %i rows', async (columns, rows, bottom) => {
    const notice = 'no response for 12s: the run ends after 30s';
    expect(await screenOf(makeView({ notice }), columns, rows)).toMatch(new RegExp(bottom));
  });

  it('says that the limits are off', async () => {
    const { target } = makeView();
    const text = await screenOf(makeView({ target: { ...target, kind: 'embedded', limits: false } }));
    expect(text).toContain('8 shards · limits off');
    expect(text).toContain('hottest 70 %, limits off');
  });
});

describe('rate', () => {
  it('marks throttled and failed seconds', async () => {
    const history = seconds(60).map((second, t) => ({ ...second, failed: t === 59 ? 4 : 0 }));
    const { terminal } = open(makeView({ seconds: history }));
    expect(terminal.screen[7]).toMatch(/ ! {1}x {2}throttled/);
  });

  it('names the schedule', async () => {
    expect(await screenOf(makeView({ schedule: 'as recorded, 2x' }))).toContain(
      'records/s, last 57 s · as recorded, 2x ─',
    );
  });

  it('works without a target rate', async () => {
    expect(await screenOf(makeView({ rpsTarget: undefined }))).toMatch(/target\/s +none/);
  });
});

describe('phases', () => {
  it('shows that it is paused, draining, done', async () => {
    const { terminal, show } = open(makeView({ phase: 'paused' }));
    expect(terminal.text).toContain('■ paused');
    show(makeView({ phase: 'draining', notice: 'draining: 1,200 records to go, press q again to stop at once' }));
    const text = terminal.text;
    expect(text).toContain('▼ draining');
    expect(text).toMatch(/draining: 1,200 records to go, press q again to stop at once +q p \+\/- \? help$/);
    show(makeView({ phase: 'done' }));
    expect(terminal.text).toContain('● done');
    expect(terminal.text).toMatch(/ \+ unsent [\d,]+$/m);
    expect(terminal.faults).toEqual([]);
  });
});
