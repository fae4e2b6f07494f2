import { writeFileSync } from 'node:fs';
import { PutRecordCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { cbor } from '@smithy/core/cbor';
import { expect, it } from 'vitest';
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
  expect(stdout).toMatch(/unwrapped +the data is recorded calls to Kinesis/);
  const [before, after] = await Promise.all([first, second].map(({ endpoint }) => readStream(endpoint, 'orders')));
  const shown = (records = before!) =>
    records.map(({ shardId, key, data }) => `${shardId} ${key} ${data.toString('hex')}`);
  expect(shown(after)).toEqual(shown(before));
  const report = readReport(dir.path('r.json'));
  expect(ledgerOf(report)).toMatchObject({ read: before!.length, sent: before!.length });
  expect(report.config).toMatchObject({ input: { unwrap: 'kinesis' } });
});
