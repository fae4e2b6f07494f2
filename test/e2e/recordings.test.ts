import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { flights, flightsCsv, flightsNdjson } from '../support/flights.js';
import { folder, kload, ledgerOf, readReport, startEmulator } from '../support/kload.js';
import { readStream, type StoredRecord, shardRule } from '../support/stream.js';

const expected = flights()
  .map(({ json }) => json)
  .sort();

function texts(stored: readonly StoredRecord[]): string[] {
  return stored.map(({ data }) => data.toString()).sort();
}

describe('a recording of real events', () => {
  it('arrives record by record from CSV, each on the shard of its key', async () => {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 'flights:5', '--limits', 'off');
    writeFileSync(dir.path('flights.csv'), flightsCsv());
    const target = ['--stream', 'flights', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint];
    const { code, stderr } = await kload(['run', dir.path('flights.csv'), ...target, '--report', dir.path('r.json')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });

    const report = readReport(dir.path('r.json'));
    expect(ledgerOf(report)).toMatchObject({ read: 20_000, sent: 20_000, maybeDuplicated: 0 });
    const stored = await readStream(emulator.endpoint, 'flights');
    expect(texts(stored)).toEqual(expected);
    const shardOf = await shardRule(emulator.endpoint, 'flights');
    expect(stored.filter(({ key, shardId }) => shardOf(key) !== shardId)).toEqual([]);
    // What the report says of each shard is what the stream holds.
    for (const shard of report.shards) {
      expect(stored.filter(({ shardId }) => shardId === shard.id)).toHaveLength(shard.sent);
    }
  });

  it('arrives from gzipped NDJSON with the keys that the records name, each on its shard', {
    tags: 'long',
  }, async () => {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 'flights:3', '--limits', 'off');
    writeFileSync(dir.path('flights.ndjson.gz'), gzipSync(flightsNdjson()));
    const target = ['--stream', 'flights', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint];
    const args = ['--partition-key-field', '.origin', '--workers', '2', '--report', dir.path('r.json')];
    const { code } = await kload(['run', dir.path('flights.ndjson.gz'), ...target, ...args]);
    expect(code).toBe(0);
    expect(ledgerOf(readReport(dir.path('r.json')))).toMatchObject({ read: 20_000, sent: 20_000 });

    const stored = await readStream(emulator.endpoint, 'flights');
    expect(texts(stored)).toEqual(expected);
    const shardOf = await shardRule(emulator.endpoint, 'flights');
    for (const { key, shardId, data } of stored) {
      expect(key).toBe((JSON.parse(data.toString()) as { origin: string }).origin);
      expect(shardId).toBe(shardOf(key));
    }
  });

  it.each<[string, string, string[]]>([
    ['of Kafka records without keys', '{"schema":"kload.record/1","partitionKey":null,"data":"d"}', []],
    [
      'with an empty key',
      '{"schema":"kload.record/1","partitionKey":"","data":"d"}',
      ['--respect-timing', '--reorder-window', '1s'],
    ],
    ['with null where the key should be', '{"id":null}', ['--partition-key-field', '.id']],
  ])('%s goes to Kinesis with random keys, and the summary says so', { tags: 'long' }, async (_, row, more) => {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 's:2', '--limits', 'off');
    const withKey = row.includes('id') ? '{"id":"own"}' : '{"schema":"kload.record/1","partitionKey":"own","data":"d"}';
    const timed = [...Array.from({ length: 50 }, () => row), withKey].map((line) =>
      line.replace(/}$/, ',"timestamp":"2026-01-02T03:04:05Z"}'),
    );
    writeFileSync(dir.path('in.ndjson'), `${timed.join('\n')}\n`);
    const target = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint];
    const { code, stdout } = await kload([
      ...['run', dir.path('in.ndjson'), ...target, ...more, '--quiet', '--report', dir.path('r.json')],
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/no key +50 had a null key: each got a random one\n/);
    expect(readReport(dir.path('r.json')).input.nullKeys).toBe(50);
    const keys = (await readStream(emulator.endpoint, 's')).map(({ key }) => key);
    expect(keys).toContain('own');
    expect(new Set(keys).size).toBe(51);
    const shared = await kload(['run', dir.path('in.ndjson'), '--target', 'null', '--partition-key', 'k', '--quiet']);
    expect(shared.stdout).not.toContain('null key');
  });

  it('is replayed at its recorded moments, on an absolute schedule', async () => {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 'demo-stream', '--limits', 'off');
    const rows = flights();
    const csv = rows.map(({ json, departedAt }) => `"${json.replaceAll('"', '""')}",${departedAt}`);
    writeFileSync(dir.path('your_file.csv'), `body,.ts\n${csv.join('\n')}\n`);
    const spanMs = Date.parse(rows.at(-1)!.departedAt) - Date.parse(rows[0]!.departedAt);
    const speed = Math.round(spanMs / 2_000);
    const { code } = await kload([
      'run',
      ...['--csv', dir.path('your_file.csv'), '--stream', 'demo-stream', '--region', 'us-east-1'],
      ...['--partition-key', 'user-123', '--respect-timing', '--speed', String(speed)],
      ...['--endpoint-url', emulator.endpoint, '--report', dir.path('r.json'), '--max-in-flight', '1'],
    ]);
    expect(code).toBe(0);
    const report = readReport(dir.path('r.json'));
    expect(ledgerOf(report)).toMatchObject({ read: 20_000, sent: 20_000 });
    // On one shard, one request after the other: they stand there as they were recorded.
    const stored = await readStream(emulator.endpoint, 'demo-stream');
    expect(stored.map(({ data }) => data.toString())).toEqual(rows.map(({ json }) => json));
    expect(new Set(stored.map(({ key }) => key))).toEqual(new Set(['user-123']));
    // None arrived before its moment, counted from the start; how long after it is for the bench to say.
    const startedMs = Date.parse(report.startedAt);
    const early = stored.filter(({ arrivedAtMs }, n) => {
      const recordedMs = Date.parse(rows[n]!.departedAt) - Date.parse(rows[0]!.departedAt);
      return arrivedAtMs < startedMs + Math.floor(recordedMs / speed);
    });
    expect(early).toEqual([]);
    expect(report.durationMs).toBeGreaterThanOrEqual(spanMs / speed);
  });

  it('is sent again and again with --loop, up to --count', async () => {
    using dir = folder();
    writeFileSync(dir.path('three.ndjson'), '{"a":1}\n{"a":2}\n{"a":3}\n');
    const args = ['--loop', '--count', '10', '--target', 'null', '--report', dir.path('r.json'), '--quiet'];
    const { code } = await kload(['run', dir.path('three.ndjson'), ...args]);
    expect(code).toBe(0);
    expect(ledgerOf(readReport(dir.path('r.json')))).toMatchObject({ read: 10, sent: 10 });
  });

  it('is read from standard input as it comes', async () => {
    await using emulator = await startEmulator('--stream', 's', '--limits', 'off');
    const target = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint];
    const { code } = await kload(
      ['run', '-', '--format', 'csv', ...target],
      'data\r\n"with ""quotes"", commas\nand lines"\r\nlast',
    );
    expect(code).toBe(0);
    const stored = await readStream(emulator.endpoint, 's');
    expect(texts(stored)).toEqual(['last', 'with "quotes", commas\nand lines']);
  });
});
