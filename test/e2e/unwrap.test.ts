import { writeFileSync } from 'node:fs';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  PutRecordCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { cbor } from '@smithy/core/cbor';
import { describe, expect, it } from 'vitest';
import { folder, kload, ledgerOf, readReport, startEmulator } from '../support/kload.js';
import { clientOf, readStream } from '../support/stream.js';

const CALLS = 60;

function putsOf(call: number) {
  return Array.from({ length: call % 3 === 0 ? 1 : 1 + ((call * 7) % 40) }, (_, at) => ({
    Data: Buffer.from([call, at, 0, 255, call ^ at]),
    PartitionKey: `ключ "${(call + at) % 11}"`,
    ...((call + at) % 2 === 0 && { ExplicitHashKey: String((BigInt(call * 41 + at) << 117n) % 2n ** 128n) }),
  }));
}

it('a capture of what SDKs put is replayed as the same records, on the same shards, in the same order', async () => {
  using dir = folder();
  await using first = await startEmulator('--stream', 'orders:6', '--limits', 'off');
  await using second = await startEmulator('--stream', 'orders:6', '--limits', 'off');
  const client = clientOf(first.endpoint);
  const rows: string[] = [];
  let body = '';
  client.middlewareStack.add(
    (next) => (args) => {
      body = Buffer.from((args.request as { body: Uint8Array }).body).toString();
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  for (let call = 0; call < CALLS; call++) {
    const puts = putsOf(call);
    const many = { StreamName: 'orders', Records: puts };
    const one = { StreamName: 'orders', ...puts[0]! };
    await (call % 3 === 0 ? client.send(new PutRecordCommand(one)) : client.send(new PutRecordsCommand(many)));
    const input = call % 3 === 0 ? one : many;
    // As the SDK for Java sends the same call, and as a recorder writes bytes that are no text.
    const recorded = call % 2 === 0 ? body : Buffer.from(cbor.serialize(input)).toString('base64');
    rows.push(`"${recorded.replaceAll('"', '""')}",2026-01-02T03:04:05.${String(call).padStart(3, '0')}Z`);
  }
  client.destroy();
  writeFileSync(dir.path('capture.csv'), `.http.request.body,.ts\n${rows.join('\n')}\n`);

  const { code, stdout } = await kload([
    ...['run', dir.path('capture.csv'), '--stream', 'orders', '--region', 'us-east-1', '--quiet'],
    ...['--endpoint-url', second.endpoint, '--report', dir.path('r.json'), '--max-in-flight', '1'],
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/unwrapped +the data is recorded calls: kload sent the records inside them/);
  const [before, after] = await Promise.all([first, second].map(({ endpoint }) => readStream(endpoint, 'orders')));
  const shown = (records = before!) =>
    records.map(({ shardId, key, data }) => `${shardId} ${key} ${data.toString('hex')}`);
  expect(shown(after)).toEqual(shown(before));
  const report = readReport(dir.path('r.json'));
  expect(ledgerOf(report)).toMatchObject({ read: before!.length, sent: before!.length });
  expect(report.config).toMatchObject({ input: { unwrap: 'kinesis' } });
});

it('what GetRecords answered is replayed as the records in it', async () => {
  using dir = folder();
  await using first = await startEmulator('--stream', 'orders:2', '--limits', 'off');
  await using second = await startEmulator('--stream', 'orders:2', '--limits', 'off');
  const client = clientOf(first.endpoint);
  await client.send(new PutRecordsCommand({ StreamName: 'orders', Records: putsOf(5) }));
  const rows: string[] = [];
  for (const ShardId of ['shardId-000000000000', 'shardId-000000000001']) {
    const from = { StreamName: 'orders', ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    let { ShardIterator } = await client.send(new GetShardIteratorCommand(from));
    // The last answer holds no records: it is a call all the same.
    for (let page = 0; page < 8; page++) {
      const { $metadata: _, ...answer } = await client.send(new GetRecordsCommand({ ShardIterator, Limit: 5 }));
      const records = answer.Records?.map((record) => ({
        ...record,
        ApproximateArrivalTimestamp: (record.ApproximateArrivalTimestamp?.getTime() ?? 0) / 1000,
        Data: Buffer.from(record.Data ?? []).toString('base64'),
      }));
      rows.push(JSON.stringify({ ...answer, Records: records }));
      ShardIterator = answer.NextShardIterator;
    }
  }
  client.destroy();
  writeFileSync(dir.path('answers.ndjson'), `${rows.join('\n')}\n`);
  const to = ['--stream', 'orders', '--region', 'us-east-1', '--endpoint-url', second.endpoint, '--quiet'];
  const one = ['--max-in-flight', '1', '--report', dir.path('r.json')];
  expect((await kload(['run', dir.path('answers.ndjson'), ...to, ...one])).code).toBe(0);
  const [before, after] = await Promise.all([first, second].map(({ endpoint }) => readStream(endpoint, 'orders')));
  const shown = (records = before!) => records.map(({ key, data }) => `${key} ${data.toString('hex')}`).sort();
  expect(before).toHaveLength(putsOf(5).length);
  expect(shown(after)).toEqual(shown(before));
  expect(ledgerOf(readReport(dir.path('r.json')))).toMatchObject({ read: before!.length, sent: before!.length });
});

describe('a recording of calls that holds something else', () => {
  const call = (data: string) =>
    JSON.stringify({ StreamName: 's', Records: [{ Data: Buffer.from(data).toString('base64'), PartitionKey: 'k' }] });
  const lines = [
    call('one'),
    '{"order":1}',
    call('two'),
    call('three').slice(0, -1),
    call('four').replace('Zm91cg', '*'),
  ];
  const wrong = 'the data is not a PutRecord, a PutRecords or a response to GetRecords';

  it('ends at the first row that is not a call, with its place', async () => {
    using dir = folder();
    writeFileSync(dir.path('mixed.ndjson'), lines.join('\n'));
    const args = ['--target', 'null', '--quiet', '--report', dir.path('r.json')];
    const { code, stderr } = await kload(['run', dir.path('mixed.ndjson'), ...args]);
    expect(code).toBe(3);
    expect(stderr).toContain(`mixed.ndjson:2: ${wrong}`);
    expect(stderr).not.toMatch(/\n +at /);
    expect(ledgerOf(readReport(dir.path('r.json')))).toMatchObject({ read: 2, sent: 1, rejected: 1 });
  });

  it('is sent without these rows where they are to be skipped, and they are named', { tags: 'long' }, async () => {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 's', '--limits', 'off');
    writeFileSync(dir.path('mixed.ndjson'), lines.join('\n'));
    const to = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint, '--quiet'];
    const args = ['--on-bad-record', 'skip', '--report', dir.path('r.json'), '--max-in-flight', '1'];
    const { code, stdout } = await kload(['run', dir.path('mixed.ndjson'), ...to, ...args]);
    expect(code).toBe(0);
    expect((await readStream(emulator.endpoint, 's')).map(({ data }) => data.toString())).toEqual(['one', 'two']);
    const report = readReport(dir.path('r.json'));
    expect(ledgerOf(report)).toMatchObject({ read: 5, sent: 2, rejected: 3 });
    expect(report.rejectedFirst.map(({ at, reason }) => `${at.replace(/.*:/, '')}: ${reason}`)).toEqual([
      `2: ${wrong}`,
      expect.stringContaining('4: invalid JSON: '),
      '5: record 1 of 1 in the call: its Data is not base64',
    ]);
    expect(stdout).toContain(`mixed.ndjson:2: ${wrong}`);
  });

  it('is refused with a field for keys, and by a recording that holds no call', { tags: 'long' }, async () => {
    using dir = folder();
    writeFileSync(dir.path('plain.ndjson'), '{"order":1}\n');
    const args = ['run', dir.path('plain.ndjson'), '--target', 'null', '--quiet', '--unwrap', 'kinesis'];
    const [keyed, plain] = await Promise.all([kload([...args, '--partition-key-field', '.order']), kload(args)]);
    expect(keyed.code).toBe(2);
    expect(keyed.stderr).toMatch(
      /--unwrap kinesis takes keys from the captured calls: --partition-key-field has no effect/,
    );
    expect(plain.code).toBe(3);
    expect(plain.stderr).toContain(`plain.ndjson:1: ${wrong}`);
  });
});
