import { describe, expect, it } from 'vitest';
import { helpPages } from '../../src/ui/panels/help.js';
import { screenOf } from './rendered.js';
import { literally } from './terminal.js';
import { EMPTY_VIEW, makeView, SCENES, seconds, shard, shards, TOO_FEW_SHARDS, worker } from './views.js';

const SIZES = [
  [60, 15],
  [80, 24],
  [100, 30],
  [120, 30],
  [200, 50],
] as const;

describe.each(SIZES)('at %i columns and %i rows', (columns, rows) => {
  it('shows the key facts of every panel', () => {
    const text = screenOf(makeView(), columns, rows);
    expect(text).toMatch(/^kload run {2}orders\.csv → orders.* ● running +1m 05s\n/);
    expect(text).toMatch(/20\.0 % +240,345 of 1,200,000 {2}ETA 3m 12s/);
    expect(text).toMatch(/offered 4,993\/s of 5,000\/s {2}lag p99 6\.1 ms {2}throttled 0\/s/);
    expect(text).toMatch(/latency, (last )?10 s/);
    expect(text).toMatch(/from intended +8\.1 ms +18\.4 ms .*61\.2 ms +134 ms +412 ms/);
    expect(text).toMatch(/service +4\.0 ms +9\.2 ms .*30\.6 ms +67\.0 ms +206 ms/);
    expect(text).toMatch(/─ 8 shards ─+ hottest: shard(Id-00000000000| )7, 70 % ─/);
    expect(text).toMatch(/throttled 1[.,]7\S* times {2}records retried 1[.,]7\S* {2}requests ok 481/);
    expect(text).toMatch(/errors {2}1,714 Provi/);
    expect(text).toMatch(/\? help {2}q stop {2}p pause {2}\+\/- rate {2}w whole run$/);
  });

  it('shows a ledger that adds up', () => {
    const text = screenOf(makeView(), columns, rows).replaceAll(/\s+/g, ' ');
    const terms = /read ([\d,]+) = sent ([\d,]+) \+ failed ([\d,]+) \+ rejected ([\d,]+) \+ pending ([\d,]+)/.exec(
      text,
    );
    const [read, ...parts] = (terms ?? []).slice(1).map((term) => Number(term.replaceAll(',', '')));
    expect(read).toBe(240_345);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(read);
  });

  it('shows a first frame that has no data yet', () => {
    const text = screenOf(EMPTY_VIEW, columns, rows);
    expect(text).toContain('○ starting');
    expect(text).toContain('read 0 = sent 0 + failed 0 + rejected 0 + pending 0');
    expect(text).toMatch(/intended +– +– +–/);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    expect(text).toMatch(/lag p99 – /);
  });

  it.each([0, 1, 10_000])('holds %i shards', (count) => {
    const text = screenOf(makeView({ shards: shards(count) }), columns, rows);
    expect(text).toMatch(count === 1 ? '1 shard ' : `${count === 0 ? '0' : '10,000'} shards`);
    if (count === 10_000) expect(text).toMatch(/\+[\d,]+ more/);
  });

  it('holds huge numbers', () => {
    const huge = 987_654_321_987_654;
    const records = { read: huge, sent: huge, failed: huge, rejected: huge, unsent: huge };
    const view = makeView({
      elapsedMs: 4e9,
      rpsTarget: huge,
      records: { ...records, maybeDuplicated: huge, inDoubt: 0 },
      requests: { ok: huge, failed: huge, retried: huge },
      throttled: huge,
      recordsRetried: huge,
      errors: { A: huge },
      seconds: seconds(60).map((second) => ({ ...second, offered: huge, throttled: huge, failed: huge, p99: huge })),
      progress: { done: huge, total: huge, unit: 'bytes', etaMs: huge },
      workers: Array.from({ length: 64 }, (_, id) => ({ ...worker(id), recordsPerSecond: huge, held: huge })),
      shards: shards(300).map((one) => ({ ...one, load: huge, recordsPerSecond: huge, throttledPerSecond: huge })),
    });
    expect(screenOf(view, columns, rows)).toMatch(/read 98/);
  });

  it('cuts long names and leaves the phase and the keys alone', () => {
    const long = 'very-long-name-'.repeat(30);
    const target = {
      kind: 'kinesis',
      stream: long,
      endpoint: `https://${long}`,
      region: null,
      shards: 8,
      limits: true,
    };
    const view = makeView({ input: `${long}.csv`, target, notice: long, errors: { [long]: 3 } });
    const text = screenOf(view, columns, rows);
    expect(text).toMatch(/^kload run {2}very-.*… → very-.*…\s+● running +1m 05s\n/);
    expect(text).toMatch(/\nvery-.*… +\? help {2}q stop.*$/);
  });

  it('says in words that there are too few shards, and once', () => {
    const text = screenOf(SCENES.throttled!, columns, rows).replaceAll(/\s+/g, ' ');
    const verdict = '! 2 shards take 2,000 records/s; 5,000 are asked for: 5 shards are needed (6 with 20 % to spare)';
    expect(text.split(verdict)).toHaveLength(2);
    expect(text.match(/are asked for/g)).toHaveLength(1);
    expect(text).toMatch(/3\.2 s behind the schedule +\? help/);
  });

  it('says that no number of shards helps against a hot key', () => {
    const text = screenOf(SCENES['hot key']!, columns, rows).replaceAll(/\s+/g, ' ');
    expect(text).toContain("! key 'customer-42' alone asks for 240 % of a shard: no number of shards helps: spread");
  });

  it('shows the recording, and what comes next', () => {
    const text = screenOf(SCENES.replay!, columns, rows);
    expect(text).toMatch(/^recording at 2026-03-01 12:00:05 UTC {3}next record in 3m 12s$/m);
    expect(screenOf(makeView(), columns, rows)).not.toContain('recording at');
  });

  it('shows all pages of the help', () => {
    const pages = helpPages({ columns, rows }).map((_, helpPage) => screenOf(makeView(), columns, rows, { helpPage }));
    const words = pages
      .join('\n')
      .replaceAll(/any key: page.*|kload run.*/g, '')
      .replaceAll(/\s+/g, ' ');
    expect(words).toContain('stop reading and send what was read; again: stop at once');
    expect(words).toMatch(/held records in a worker, waiting or in flight any key closes this $/);
  });
});

describe('a smaller terminal', () => {
  it.each([
    [40, 10],
    [30, 5],
    [20, 3],
    [1, 1],
  ])('of %i columns and %i rows is not left', (columns, rows) => {
    for (const view of Object.values(SCENES)) {
      screenOf(view, columns, rows);
      screenOf(view, columns, rows, { helpPage: 0 });
    }
  });
});

describe('what a terminal would misread', () => {
  it('is escaped, and wide characters are counted', () => {
    const view = makeView({
      input: '注文\x1b[2J\n.csv',
      notice: '\x1b]0;title\x07 日本語 \u202e',
      errors: { '\x9b31m': 1 },
    });
    const text = screenOf(view);
    expect(text).toContain('注文\\u001b[2J\\n.csv');
    expect(text).toContain('\\u001b]0;title\\u0007 日本語 \\u202e');
    expect(text).toContain('1 \\u009b31m');
  });
});

describe('rate', () => {
  it('marks throttled and failed seconds', () => {
    const history = seconds(60).map((second, t) => ({ ...second, failed: t === 59 ? 4 : 0 }));
    expect(screenOf(makeView({ seconds: history }), 67, 24)).toMatch(/^ {5}0 ─{57}!─x$/m);
  });

  it('fills its width while the run is shorter than the window', () => {
    const history = [1000, 500, 0].map((offered, t) => ({
      ...seconds(3)[t]!,
      target: undefined,
      offered,
      throttled: 0,
    }));
    const text = screenOf(makeView({ rpsTarget: undefined, seconds: history }), 67, 24);
    expect(text).toMatch(/^ {2}1k\/s █{20}$/m);
    expect(text).toMatch(/^500\/s █{40}$|^.{7}█{40}$/m);
    expect(text).toMatch(/^ {7} {20}-2s {17}-1s {14}now$/m);
  });

  it('draws the target as a line, heavy where the rate was held', () => {
    const history = seconds(60).map((second, t) => ({ ...second, offered: t < 30 ? 5000 : 3000, throttled: 0 }));
    expect(screenOf(makeView({ seconds: history }), 67, 24)).toMatch(/^ {2}5k\/s ━{30}─{30}$/m);
  });

  it('says which share of the target rate was offered', () => {
    expect(screenOf(makeView(), 117, 30)).toMatch(/sent 4,980\/s {2}99\.9 % of target/);
  });

  it('names the schedule, and no target if there is none', () => {
    const text = screenOf(makeView({ schedule: 'as recorded, 2x', rpsTarget: undefined }));
    expect(text).toMatch(/─ rate: as recorded, 2x ─+ ! throttled {2}x failed ─/);
    expect(text).toMatch(/offered 4,993\/s {2}lag p99/);
    expect(text).not.toContain('+/- rate');
  });
});

describe('latency', () => {
  it('has its axis at the bottom before the first record', () => {
    const text = screenOf(EMPTY_VIEW, 80, 24);
    expect(text).toMatch(/no latencies yet\n+ +now\n─ latency/);
  });

  it('is shown over time, with p50 and p99 of each second, on an axis in round numbers', () => {
    const history = seconds(60).map((second, t) => ({ ...second, p50: t < 30 ? 10 : 100, p99: t < 30 ? 10 : 1000 }));
    const text = screenOf(makeView({ seconds: history }), 67, 40);
    const labels = [...text.matchAll(/^ {0,4}([\d.]+ m?s) .*[█░]/gm)].map(([, label]) => label);
    expect(labels).toEqual(expect.arrayContaining(['1 s', '100 ms', '10 ms']));
    expect(text).toMatch(/^ {3}1 s {31}░{30}$/m);
    expect(text).toMatch(/^100 ms {31}█{30}$/m);
  });

  it('is of the last 10 s, or of the whole run if that is asked for', () => {
    expect(screenOf(makeView(), 120, 40)).toMatch(/latency, 10 s .*\n.*from intended +8\.1 ms/);
    const whole = screenOf(makeView(), 200, 50, { span: 'run' });
    expect(whole).toMatch(/latency, whole run .*\n.*from intended +16\.2 ms/);
    expect(whole).toContain('w last 10 s');
  });

  it('has a histogram with shares of the records and round times', () => {
    const histogram = [1, 2, 4, 8, 16].map((fromMs, i) => ({
      fromMs,
      toMs: fromMs * 2,
      count: [10, 20, 40, 20, 10][i]!,
    }));
    const { latency } = makeView();
    const text = screenOf(makeView({ latency: { ...latency, recent: { ...latency.recent, histogram } } }), 67, 50);
    expect(text).toMatch(/^ {2}40 % {25}█{12}$/m);
    expect(text).toMatch(/^ {2}20 % {13}█{36}$/m);
    expect(text).toMatch(/^ {7}1 ms {8}2 ms {12}5 ms {8}10 ms {7}20 ms/m);
  });
});

describe('shards', () => {
  it('marks shards that throttle with a character of their own', () => {
    const text = screenOf(makeView({ shards: [shard(0, 0.5), shard(1, 1, 200), shard(2, 0.25)] }));
    expect(text).toMatch(/0 ▄ {2}50% {2}1 ! 100% {2}2 ▂ {2}25%/);
    expect(text).toContain('1 refusing (!), hottest: shardId-000000000001, 100 %');
  });

  it('have a bar and their figures if there is room', () => {
    const text = screenOf(makeView({ shards: [shard(0, 0.5), shard(1, 1, 200)] }), 80, 40);
    expect(text).toMatch(/^ {4}0 ███░░░ {2}50 % {7}500\/s +1 ██████ 100 % {5}1,000\/s !200\/s$/m);
  });

  it('puts the hottest first if not all fit', () => {
    const text = screenOf(makeView({ shards: [...shards(300), shard(300, 1.2, 40), shard(301, 1)] }));
    expect(text).toMatch(/\n!█▇+.* \+\d+ more\n/);
  });

  it('lists the hottest of many on a large screen', () => {
    const many = [...shards(200), shard(200, 1.1, 40)];
    expect(screenOf(makeView({ shards: many }), 200, 50)).toMatch(/the hottest\n.* 200 █+ +110 % +1,100\/s !40\/s/);
  });

  it('are shown over time, a row a shard, where there is room', () => {
    const heat = [
      { id: 'shardId-000000000000', loads: Uint8Array.from({ length: 60 }, (_, t) => (t < 30 ? 0 : 30)) },
      { id: 'shardId-000000000001', loads: Uint8Array.from({ length: 60 }, (_, t) => (t < 30 ? 60 : 100)) },
    ];
    const text = screenOf(makeView({ heat }), 200, 50);
    expect(text).toMatch(/^─ load of each shard, each second ─/m);
    expect(text).toMatch(/^ {5}0 {47}░{46}( |$)/m);
    expect(text).toMatch(/^ {5}1 ▒{46}█{46}( |$)/m);
    expect(screenOf(makeView({ heat: SCENES.many!.heat }), 200, 50)).toMatch(/^─ the \d+ hottest shards, each second/m);
  });

  it('says that the limits are off', () => {
    const { target } = makeView();
    const text = screenOf(makeView({ target: { ...target, kind: 'embedded', limits: false } }));
    expect(text).toContain('limits off · 8 shards');
    expect(text).toContain('hottest: shardId-000000000007, 70 %, limits off');
  });

  it('are partitions for Kafka, with loads relative to the busiest', () => {
    expect(screenOf(SCENES.kafka!)).toMatch(/─ 12 partitions ─+ busiest: partition 3, 1\.0k\/s; % of it ─/);
  });
});

describe('workers', () => {
  it('have their latencies in a row each, and the rest is summed up', () => {
    expect(screenOf(makeView(), 200, 50)).toMatch(/worker 1 +2,499 +510 kB +641 +7 +1 +9 ms +71 ms/);
    const many = Array.from({ length: 64 }, (_, id) => worker(id));
    expect(screenOf(makeView({ workers: many }), 120, 30)).toMatch(/\+\d\d more +\d.* – +–/);
  });
});

describe('phases', () => {
  it.each([
    ['paused', '■ paused', 'p resume'],
    ['draining', '▼ draining', '+ pending 1,330'],
    ['done', '● done', '+ unsent 1,330'],
  ] as const)('%s is shown', (phase, mark, word) => {
    const text = screenOf(makeView({ phase }));
    expect(text).toContain(mark);
    expect(text).toContain(word);
  });
});

describe('the footer', () => {
  it.each([
    [40, 10, 'no response for… \\? help {2}q stop {2}p pause$'],
    [60, 15, 'no response for 12s: the run ends a… \\? help {2}q stop {2}p pause$'],
    [80, 24, 'no response for 12s: the run ends after 30s {4}\\? help {2}q stop {2}p pause {2}\\+/- rate$'],
    [
      200,
      50,
      'no response for 12s: the run ends after 30s +\\? help {2}q stop {2}p pause {2}\\+/- rate {2}w whole run$',
    ],
  ])('keeps the keys beside a notice at %i columns and %i rows', (columns, rows, bottom) => {
    const notice = 'no response for 12s: the run ends after 30s';
    expect(screenOf(makeView({ notice }), columns, rows)).toMatch(new RegExp(`\n${bottom}`));
  });
});

it('has one word for each meaning: what is throttled is records', () => {
  const text = screenOf(SCENES.throttled!, 200, 50);
  expect(text).not.toMatch(/(shards?|[\d,]+) throttled/);
  expect(text).not.toContain('unsent');
  expect(screenOf(makeView({ capacity: { ...TOO_FEW_SHARDS, enough: true } }))).not.toMatch(literally('are needed'));
});
