import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { doorTo, passOn } from '../support/door.js';
import { folder, kload, ledgerOf, readReport, startEmulator } from '../support/kload.js';
import { readStream } from '../support/stream.js';

/** Those of `readStream`. */
const KEYS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
const FIELDS = ['--data-field', 'data', '--data-encoding', 'hex', '--partition-key-field', 'key'];

function targetOf(endpoint: string): string[] {
  return ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', endpoint, '--quiet'];
}

/** Data of every length up to 700 bytes, and keys of every kind, each sent to the shard of its hash key. */
const rows = Array.from({ length: 1_500 }, (_, n) => ({
  data: Buffer.from(Array.from({ length: n % 700 }, (_, at) => (at * 37 + n) & 0xff)).toString('hex'),
  key: ['a', 'ü', '"quoted\\"', 'k'.repeat(256), '😀'.repeat(60), `\t${n}`][n % 6]!,
  hash: String(BigInt(n % 4) * 2n ** 126n + BigInt(n)),
  shardId: `shardId-00000000000${n % 4}`,
}));
const expected = rows.map(({ data, key, shardId }) => `${data} ${key} ${shardId}`).sort();

describe.each(['cbor', 'json'])('records sent in %s', (wire) => {
  it('arrive as they are, also those that are sent again', async () => {
    using dir = folder();
    writeFileSync(dir.path('in.ndjson'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const failed = ['--fault', 'internal-error:operation=PutRecords,percentage=10,per=record'];
    const signed = ['--verify-signatures', 'test:test'];
    await using emulator = await startEmulator('--stream', 's:4', '--limits', 'off', ...signed, ...failed);
    const args = [...FIELDS, '--explicit-hash-key-field', 'hash', ...targetOf(emulator.endpoint), '--wire', wire];
    const report = ['--batch-size', '100', '--report', dir.path('r.json')];
    const ended = await kload(['run', dir.path('in.ndjson'), ...args, ...report], undefined, KEYS);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const { records, errors, config } = readReport(dir.path('r.json'));
    expect(records).toMatchObject({ read: rows.length, sent: rows.length });
    expect(errors).toMatchObject({ InternalFailure: expect.any(Number) });
    expect(config.target).toMatchObject({ wire });
    const stored = await readStream(emulator.endpoint, 's');
    expect(stored.map(({ data, key, shardId }) => `${data.toString('hex')} ${key} ${shardId}`).sort()).toEqual(
      expected,
    );
  });
});

describe('an endpoint that reads JSON alone', () => {
  it('ends the run with one line that says what to do, and takes what was not sent', { tags: 'long' }, async () => {
    using dir = folder();
    writeFileSync(dir.path('in.ndjson'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    await using emulator = await startEmulator('--stream', 's:4', '--limits', 'off');
    await using door = await jsonDoor(emulator.endpoint);
    const args = [
      'run',
      dir.path('in.ndjson'),
      ...FIELDS,
      '--explicit-hash-key-field',
      'hash',
      ...targetOf(door.endpoint),
    ];
    const refused = await kload([...args, '--report', dir.path('r.json')]);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toMatch(/^kload: .* refused the run: HTTP 415: .*, pass --wire json to send JSON.*\n$/);
    expect(ledgerOf(readReport(dir.path('r.json')))).toMatchObject({ sent: 0, failed: 0 });
    expect(await kload(args, undefined, { AWS_CBOR_DISABLE: 'true' })).toMatchObject({ code: 0 });
    expect(await readStream(emulator.endpoint, 's')).toHaveLength(rows.length);
  });
});

/** Lets through to the emulator what is JSON. */
function jsonDoor(emulator: string) {
  return doorTo(emulator, async (request, response) => {
    if (request.headers['content-type'] === 'application/x-amz-json-1.1') await passOn(request, response);
    else response.writeHead(415).end();
  });
}
