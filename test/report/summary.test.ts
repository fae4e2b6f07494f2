import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOTHING_FOUND, type Report } from '../../src/core/report.js';
import { summary } from '../../src/report/summary.js';
import { reportOf } from './reports.js';

const EMBEDDED = { kind: 'embedded', stream: 'kload', endpoint: 'http://127.0.0.1:1', region: 'us-east-1' } as const;

const TYPICAL: [string, Partial<Report>][] = [
  ['went well', {}],
  ['went to the embedded stream', { target: { ...EMBEDDED, shards: 10, limits: false } }],
  [
    'measured kload itself',
    { target: { kind: 'null', stream: null, endpoint: null, region: null, shards: 0, limits: false } },
  ],
  [
    'put records in order',
    {
      input: {
        ...NOTHING_FOUND,
        nullKeys: 1e9,
        outside: 1e9,
        unwrapped: true,
        late: 1e9,
        early: 1e9,
        outOfOrder: 1e9,
        outOfOrderMaxMs: 1e12,
        clockJumps: 1e9,
        clockJumpMaxMs: 1e12,
      },
    },
  ],
  [
    'sent a hundred million records',
    { records: { read: 1e8, sent: 1e8, failed: 0, rejected: 0, unsent: 0, maybeDuplicated: 0, inDoubt: 0 } },
  ],
  [
    'was throttled and interrupted',
    {
      outcome: { exitCode: 130, reason: 'interrupted', hint: null },
      records: {
        read: 123_456,
        sent: 120_000,
        failed: 56,
        rejected: 400,
        unsent: 3_000,
        maybeDuplicated: 500,
        inDoubt: 0,
      },
      throttled: { records: 1_234_567, byShard: { 'shardId-000000000003': 1_234_567 } },
      shards: [{ id: 'shardId-000000000003', sent: 1, bytes: 1, throttled: 1_234_567 }],
      errors: { ProvisionedThroughputExceededException: 1_234_567, InternalFailure: 56 },
    },
  ],
];

describe('the summary', () => {
  it.each(TYPICAL)('of a run that %s fits a screen of 80 x 24', (_, changes) => {
    const lines = summary(reportOf(changes)).split('\n');
    // The shell's prompt needs one.
    expect(lines.length).toBeLessThanOrEqual(23);
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it('says what was sent, at which rate of the wanted one, and how long it took', () => {
    const text = summary(reportOf({ rps: { target: 5000, achieved: 4321 } }));
    expect(text).toMatch(/sent\s+3,000,000 records, none failed/);
    expect(text).toContain('4,321 records/s of 5,000 (86.4 %)');
    expect(text).toContain('1.0 MB/s, in 10m 00s');
    expect(summary(reportOf({ rps: { target: null, achieved: 4321 } }))).toContain('4,321 records/s, ');
    expect(summary(reportOf({ rps: { target: 1, achieved: 1.01 } }))).toContain('1 record/s of 1.0 (101 %)');
  });

  it('says which records the reorder window could not hold', () => {
    const input = { ...NOTHING_FOUND, late: 1_234, early: 5 };
    expect(summary(reportOf({ input }))).toMatch(
      /late +1,234 out of order by more than --reorder-window\n +early +5 left the reorder window early/,
    );
    expect(summary(reportOf())).not.toMatch(/late |early /);
  });

  it('says how the files were read, those that were read alike together', () => {
    const file = { file: '/a/b/c.csv', format: 'csv', header: true, delimiter: '\t', data: "column 'd'" } as const;
    const times = { firstTimestamp: null, lastTimestamp: null };
    const csv = { ...file, ...times, time: null, key: "column 'k'", repeatedHeaders: 1 };
    const ndjson = {
      ...csv,
      file: '-',
      format: 'ndjson',
      header: null,
      delimiter: null,
      data: '.d',
      key: null,
    } as const;
    const input = {
      ...NOTHING_FOUND,
      files: [csv, { ...csv, file: 'd.csv', lastTimestamp: 'later' }, { ...ndjson, repeatedHeaders: 0 }],
    };
    expect(summary(reportOf({ input }))).toContain(`
  input       c.csv and 1 more: CSV with a header, delimiter tab
              data: column 'd'; time: none; key: column 'k'
              repeated header rows left out: 2
              -: NDJSON
              data: .d; time: none; key: none
`);
    const shared = summary(reportOf({ input, config: { ...reportOf().config, partitionKey: 'k' } }));
    expect(shared).toContain('data: .d; time: none; key: --partition-key\n');
    const many = [1, 2, 3, 4].map((n) => ({ ...csv, file: `${n}.csv`, data: `column ${n}` }));
    expect(summary(reportOf({ input: { ...NOTHING_FOUND, files: many } }))).toContain('2 more, read in other ways');
  });

  it('says what was out of order in a recording', () => {
    const input = {
      ...NOTHING_FOUND,
      outOfOrder: 12,
      outOfOrderMaxMs: 3_200,
      clockJumps: 1,
      clockJumpMaxMs: 3_600_000,
    };
    expect(summary(reportOf({ input }))).toMatch(
      /order +12 out of order by up to 3\.20 s\n +clock +jumped once by 1h 00m/,
    );
    expect(summary(reportOf({ input: { ...input, clockJumps: 3 } }))).toContain('jumped 3 times by up to 1h 00m');
    expect(summary(reportOf())).not.toMatch(/order |clock /);
  });

  it('says each percentile with its unit', () => {
    const rows = summary(reportOf()).split('\n');
    const head = rows.findIndex((row) => row.includes('p99.9'));
    expect(rows[head + 1]).toMatch(/intended\s+8\.1 ms\s+21\.0 ms\s+120 ms\s+980 ms\s+1m 05s/);
  });

  it('says the whole ledger', () => {
    const records = { read: 100, sent: 60, failed: 20, rejected: 15, unsent: 5, maybeDuplicated: 0, inDoubt: 0 };
    const text = summary(reportOf({ records }));
    expect(text).toContain('60 records, 20 FAILED');
    expect(text).toMatch(/read +100 = sent 60 \+ failed 20 \+ rejected 15 \+ unsent 5/);
  });

  it('begins with why a run ended early, and says that none failed only if all went well', () => {
    const reason = "stream 'orders' refused the run: AccessDeniedException: not yours";
    const text = summary(reportOf({ outcome: { exitCode: 4, reason, hint: null } }));
    expect(text.split('\n').slice(0, 3)).toEqual(['', `  ended       ${reason}`, '  sent        3,000,000 records']);
    expect(summary(reportOf())).not.toMatch(/^ *ended/m);
    const earlier = { sent: 900, failed: 60, rejected: 40, maybeDuplicated: 0, inDoubt: 0 };
    const resumed = { legs: 1, skipped: 1000, maybeDuplicated: 0, earlier };
    expect(summary(reportOf({ outcome: { exitCode: 5, reason: null, hint: null }, resumed }))).toMatch(
      /sent +3,000,000 records, 60 FAILED before\n/,
    );
  });

  it('names the dead-letter file if records failed, or --dead-letter if there is none', () => {
    const records = { read: 80, sent: 60, failed: 20, rejected: 0, unsent: 0, maybeDuplicated: 0, inDoubt: 0 };
    const outcome = { exitCode: 5, reason: null, hint: null };
    expect(summary(reportOf({ records, outcome }))).toContain('20 FAILED: --dead-letter FILE would keep them\n');
    const config = { ...reportOf().config, deadLetter: 'dead.ndjson' };
    expect(summary(reportOf({ records, outcome, config }))).toContain('20 FAILED, kept in dead.ndjson\n');
    expect(summary(reportOf({ config }))).not.toContain('dead.ndjson');
    expect(summary(reportOf())).not.toContain('--dead-letter');
  });

  it('says how many null keys became random ones', () => {
    const input = { ...NOTHING_FOUND, nullKeys: 1_234 };
    expect(summary(reportOf({ input }))).toMatch(/no key +1,234 had a null key: each got a random one\n/);
    expect(summary(reportOf())).not.toContain('no key');
  });

  it('says where it was throttled worst, and by which errors records failed, the most frequent first', () => {
    const text = summary(
      reportOf({
        throttled: { records: 1010, byShard: {} },
        shards: [
          { id: 'shardId-a', sent: 1, bytes: 1, throttled: 10 },
          { id: 'shardId-b', sent: 1, bytes: 1, throttled: 1000 },
        ],
        errors: { Rare: 1, Frequent: 2000 },
        requests: { ok: 90, failed: 10, retried: 7 },
      }),
    );
    expect(text).toContain('1,010 times, worst shardId-b with 1,000');
    expect(text).toMatch(/Frequent 2,000.*Rare 1/s);
    expect(text).toContain('100: 10 failed, 7 with retries');
    expect(summary(reportOf())).toContain('0 times');
  });

  it('says what earlier legs of the run did, and whether it goes on', () => {
    const earlier = { sent: 900, failed: 60, rejected: 40, maybeDuplicated: 0, inDoubt: 0 };
    const resumed = { legs: 2, skipped: 1000, maybeDuplicated: 1204, earlier };
    const text = summary(reportOf({ resumed, checkpoint: { file: 'run.ckpt', finished: false } }));
    expect(text).toMatch(/resumed +1,000 skipped = sent 900 \+ failed 60 \+ rejected 40 before/);
    expect(text).toContain('at most 1,204 may be in the stream twice after the interruption');
    expect(text).toContain('run.ckpt: not finished: --resume goes on from there');
    const none = summary(
      reportOf({ resumed: { ...resumed, maybeDuplicated: 0 }, checkpoint: { file: 'c', finished: true } }),
    );
    expect(none).not.toContain('twice');
    expect(none).toContain('c: finished, nothing is left');
    expect(summary(reportOf())).not.toMatch(/resumed|checkpoint/);
  });

  it('says what may be in the stream twice, and which records could not be used', () => {
    const records = { read: 100, sent: 88, failed: 0, rejected: 12, unsent: 0, maybeDuplicated: 3, inDoubt: 0 };
    const rejectedFirst = Array.from({ length: 10 }, (_, i) => ({ at: `a.csv:${i + 2}`, reason: 'no data field' }));
    const text = summary(reportOf({ records, rejectedFirst }));
    expect(text).toMatch(/up to 3\b/);
    for (const { at } of rejectedFirst) expect(text).toContain(`${at}: no data field`);
    expect(text).toContain('and 2 more');
    expect(summary(reportOf())).not.toMatch(/duplicate|rejected\s+a\.csv/);
  });

  it('shows neither rate nor latency if nothing was sent', () => {
    const records = { read: 5, sent: 0, failed: 0, rejected: 0, unsent: 5, maybeDuplicated: 0, inDoubt: 0 };
    const outcome = { exitCode: 4, reason: 'the target has not responded for 30s', hint: null };
    const text = summary(reportOf({ records, outcome, rps: { target: 5000, achieved: 0 } }));
    expect(text).toContain('unsent 5');
    expect(text).not.toMatch(/p99|achieved|NaN/);
  });

  it('says when the embedded stream has no limits', () => {
    const target = { ...EMBEDDED, shards: 4 };
    expect(summary(reportOf({ target: { ...target, limits: false } }))).toMatch(/4 shards.*limits.*off/);
    expect(summary(reportOf({ target: { ...target, limits: true } }))).not.toMatch(/limits/);
  });

  it('aligns the table of loads in 80 columns, whatever their names', () => {
    const load = reportOf();
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 90 });
    const names = fc.array(fc.oneof(name, fc.constantFrom('\u001b[31m', '😀', 'x'.repeat(70))), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(names, (all) => {
        const lines = summary(reportOf({ loads: all.map((one) => ({ ...load, name: one })) })).split('\n');
        const head = lines.findIndex((line) => line.startsWith('  load '));
        const widths = lines.slice(head, head + 1 + all.length).map((line) => [...line].length);
        expect(new Set(widths).size).toBe(1);
        expect(widths[0]).toBeLessThanOrEqual(80);
      }),
      { numRuns: 50 },
    );
  });
});
