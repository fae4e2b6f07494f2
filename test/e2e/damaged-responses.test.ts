import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { DAMAGE_SEED, DAMAGED_RESPONSES, Damager, type Wire } from '../support/damage.js';
import { type DoorRequest, doorTo, passOn } from '../support/door.js';
import { folder, kload, ledgerOf, readReport, startEmulator } from '../support/kload.js';
import { readStream } from '../support/stream.js';

const RECORDS = 8 * DAMAGED_RESPONSES;
/** The share of requests whose responses are damaged, until all damaged responses were used. */
const DAMAGED_SHARE = 0.6;

it.each<Wire>(['cbor', 'json'])(
  'a run with damaged responses in %s counts as sent only records in the stream, and reports all possible duplicates',
  { tags: 'long', timeout: 600_000 },
  async (wire) => {
    using dir = folder();
    const rows = Array.from({ length: RECORDS }, (_, n) => JSON.stringify({ n }));
    writeFileSync(dir.path('in.ndjson'), rows.map((row) => `${row}\n`).join(''));
    const faults = ['internal-error', 'provisioned-throughput-exception'].flatMap((fault) => [
      '--fault',
      `${fault}:operation=PutRecords,percentage=10,per=record`,
    ]);
    await using emulator = await startEmulator('--stream', 's:4', '--limits', 'off', ...faults);
    const damager = new Damager(wire, DAMAGE_SEED);
    let left = DAMAGED_RESPONSES;
    let requests = 0;
    await using door = await doorTo(emulator.endpoint, async (request, response) => {
      if (request.operation !== 'PutRecords' || left === 0 || requests++ % 10 >= 10 * DAMAGED_SHARE) {
        return passOn(request, response);
      }
      left--;
      return damage(damager, request, response);
    });
    const ended = await kload([
      ...['run', dir.path('in.ndjson'), '--partition-key-field', 'n', '--wire', wire, '--batch-size', '10'],
      ...['--stream', 's', '--region', 'us-east-1', '--endpoint-url', door.endpoint, '--quiet'],
      ...['--dead-letter', dir.path('dead.ndjson'), '--report', dir.path('r.json')],
    ]);
    expect(ended.code, ended.stderr).toBeOneOf([0, 5]);
    expect(left).toBe(0);
    const { sent, failed, unsent, maybeDuplicated, inDoubt } = ledgerOf(readReport(dir.path('r.json')));
    expect({ total: sent + failed, unsent }).toEqual({ total: RECORDS, unsent: 0 });

    const copies = new Map<string, number>();
    for (const { data } of await readStream(emulator.endpoint, 's')) {
      const row = data.toString();
      copies.set(row, (copies.get(row) ?? 0) + 1);
    }
    const dead = deadRows(dir.path('dead.ndjson'));
    expect(dead.size).toBe(failed);
    // Record by record: a lost record must not be offset by a failed one that is in the stream.
    expect(rows.filter((row) => !dead.has(row) && !copies.has(row))).toEqual([]);
    expect([...dead].filter((row) => copies.has(row)).length).toBeLessThanOrEqual(inDoubt);
    const doubled = [...copies.values()].filter((count) => count > 1).length;
    expect(doubled).toBeGreaterThan(0);
    expect(doubled).toBeLessThanOrEqual(maybeDuplicated + inDoubt);
  },
);

/** The request is carried out, the response is damaged, and the connection ends. */
async function damage(damager: Damager, request: DoorRequest, { socket }: ServerResponse): Promise<void> {
  const { body } = await request.pass();
  socket?.end(damager.damaged({ status: '200 OK', body }));
}

function deadRows(file: string): Set<string> {
  if (!existsSync(file)) return new Set();
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return new Set(lines.map((line): string => JSON.parse(line).data));
}
