import { readFileSync, writeFileSync } from 'node:fs';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { expect, it } from 'vitest';
import { folder, kload, startEmulator } from '../support/kload.js';
import { clientOf } from '../support/stream.js';

const at = (endpoint: string) => ['--region', 'us-east-1', '--endpoint-url', endpoint];

async function put(endpoint: string, stream: string, records: readonly (readonly [string, string])[]): Promise<void> {
  const client = clientOf(endpoint);
  for (let from = 0; from < records.length; from += 500) {
    const Records = records.slice(from, from + 500).map(([PartitionKey, data]) => {
      return { PartitionKey, Data: Buffer.from(data) };
    });
    await client.send(new PutRecordsCommand({ StreamName: stream, Records }));
  }
  client.destroy();
}

it('says which rows of a recording a stream lacks, and which of its records are extra', async () => {
  using dir = folder();
  await using emulator = await startEmulator('--stream', 's:2', '--limits', 'off');
  const rows = Array.from({ length: 3000 }, (_, n) => [`user-${n % 50}`, `{"n":${n}}`] as const);
  const lines = rows.map(([user, data]) => `{"user":"${user}","body":${data}}\n`);
  writeFileSync(dir.path('big.ndjson'), lines.join(''));
  const stored = rows.filter((_, n) => n !== 16 && n !== 1702);
  await put(emulator.endpoint, 's', [...stored, ['user-3', '{"n":-1}'], rows[5]!]);

  const verify = (...more: string[]) =>
    kload([
      ...['verify', '--input', dir.path('big.ndjson'), '--stream', 's', ...at(emulator.endpoint)],
      ...['--data-field', '.body', '--partition-key-field', '.user', '--quiet', ...more],
    ]);
  const ended = await verify('--details', dir.path('d.ndjson'));
  expect(ended).toMatchObject({ code: 5, stderr: '' });
  expect(ended.stdout).toContain(`missing   2\n  ${dir.path('big.ndjson')}:17\n  ${dir.path('big.ndjson')}:1703\n`);
  expect(ended.stdout).toMatch(/extra {5}2\n {2}[01] \d{56}\n {2}[01] \d{56}\ndifferent\n$/);
  const details = readFileSync(dir.path('d.ndjson'), 'utf8').trimEnd().split('\n');
  expect(details.map((line) => JSON.parse(line).kind).sort()).toEqual(['extra', 'extra', 'missing', 'missing']);

  // With hardly any memory, from files, with the same result.
  const spilled = await verify('--memory', '10kB', '--json');
  expect(JSON.parse(spilled.stdout)).toEqual({
    schema: 'kload.verify-content/1',
    ...{ equal: false, expected: 3000, found: 3000, missing: 2, extra: 2, withoutField: 0 },
  });
});

it('says whether two streams hold the same records', async () => {
  await using emulator = await startEmulator('--stream', 'a:2', '--stream', 'b:3', '--limits', 'off');
  const records = Array.from({ length: 1000 }, (_, n) => [`k${n % 7}`, `{"id":${n},"at":0}`] as const);
  await put(emulator.endpoint, 'a', records);
  await put(emulator.endpoint, 'b', records.toReversed());
  const verify = (...more: string[]) =>
    kload(['verify', '--stream', 'b', '--against', 'a', ...at(emulator.endpoint), '--quiet', ...more]);
  expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringMatching(/equal\n$/) });

  await put(emulator.endpoint, 'b', [['k1', '{"id":5,"at":9}']]);
  expect(await verify()).toMatchObject({ code: 5, stdout: expect.stringContaining('extra     1\n') });
  await put(emulator.endpoint, 'a', [['other', '{"id":5,"at":1}']]);
  expect(await verify()).toMatchObject({ code: 5 });
  expect(await verify('--field', '.id')).toMatchObject({ code: 0 });
});

it.each([
  [['--stream', 's'], 'there is nothing to compare with'],
  [['--stream', 's', '--input', 'f', '--against', 't'], '--input and --against are both given'],
  [['--stream', 's', '--against', 's'], "--against names 's' again"],
  [['--input', 'f'], 'no stream or topic to read'],
  [['--stream', 's', '--against', 't', '--from', 'latest'], '--from latest'],
  [['--stream', 's', '--against', 't', '--field', '.a..b'], '--field takes the path'],
])('refuses %j', async (args, message) => {
  expect(await kload(['verify', ...args])).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
});
