import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { expect, it } from 'vitest';
import { folder, kload, ledgerOf, readReport, startEmulator } from '../support/kload.js';
import { type NumberedRecord, orderOf } from '../support/order.js';
import { readStream } from '../support/stream.js';

/** A run with 1000000 records takes minutes. */
const RECORDS = Number(process.env.KLOAD_ORDERED_RECORDS ?? 20_000);
const KEYS = RECORDS / 5;
/** With so little to send, a shard gives few responses to set its pace by. */
const SHARDS = 1000;
const FAULTS = [
  'provisioned-throughput-exception:percentage=20',
  'provisioned-throughput-exception:percentage=20,per=request',
  'lose-answer:operation=PutRecords,percentage=5',
  'reset-connection:operation=PutRecords,percentage=5',
];

it('each key arrives in input order, with throttles, lost responses and resets', {
  tags: 'long',
  timeout: 1_800_000,
}, async () => {
  using dir = folder();
  await using emulator = await startEmulator(
    ...['--stream', `s:${SHARDS}`, '--limits', 'off', '--max-memory', '4GiB', '--log-level', 'off'],
    ...FAULTS.flatMap((fault) => ['--fault', fault]),
  );
  await writeInput(dir.path('in.ndjson'));
  const { code, stderr } = await kload([
    ...['run', dir.path('in.ndjson'), '--ordered', '--partition-key-field', 'key', '--workers', '3', '--quiet'],
    ...['--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint],
    ...['--report', dir.path('r.json')],
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  await fetch(`${emulator.endpoint}/_kload/faults`, { method: 'DELETE' });

  const report = readReport(dir.path('r.json'));
  const { sent, maybeDuplicated } = ledgerOf(report);
  expect(sent).toBe(RECORDS);
  expect(report.config).toMatchObject({ ordered: true });
  // All faults have occurred, so some records are stored twice.
  expect(report.throttled.records).toBeGreaterThan(RECORDS / 10);
  expect(report.errors).toMatchObject({ ECONNRESET: expect.any(Number) });

  const stored = await readStream(emulator.endpoint, 's');
  const placed = stored.map(({ data }) => JSON.parse(data.toString()) as NumberedRecord);
  for (const [i, { key }] of stored.entries()) if (key !== placed[i]!.key) throw new Error(`${key} has another's data`);
  const { wrong, repeated } = orderOf(placed);
  expect(wrong).toEqual([]);
  expect(new Set(placed.map(({ n }) => n)).size).toBe(RECORDS);
  expect(repeated.size).toBeGreaterThan(0);
  expect(repeated.size).toBeLessThanOrEqual(maybeDuplicated);
});

/** Records with random keys. The data of each hold its number. */
async function writeInput(file: string): Promise<void> {
  const out = createWriteStream(file);
  let seed = 1;
  for (let n = 0; n < RECORDS; n++) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
    const key = `key ${Math.floor(((seed >>> 8) / 2 ** 24) * KEYS)}`;
    if (!out.write(`${JSON.stringify({ key, n })}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}
