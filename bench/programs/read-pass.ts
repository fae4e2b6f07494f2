import type { EventEmitter } from 'node:events';
import { createReadStream, type ReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip, type Gunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { HASH_KEY_RECORDS } from '#dist/src/core/record.js';
import type { InputOptions } from '#dist/src/input/input-options.js';
import { openSource } from '#dist/src/input/open-source.js';

/**
 * Reads a file once, in a process of its own: `read-pass READER FILE WARM-UP`. It reads the warm-up first, a small
 * file of the same kind, so that the measured code is already compiled. Writes one JSON object.
 */

interface Found {
  readonly rows: number;
  readonly keyBytes: number;
}

export interface Pass extends Found {
  readonly cpuMs: number;
  readonly wallMs: number;
}

const READERS: Record<string, (file: string) => Promise<Found>> = {
  csv: (file) => kload(file, { partitionKeyField: 'RRPair UUID' }),
  ndjson: (file) => kload(file, { partitionKeyField: '.user.id' }),
  'ndjson, timed': (file) =>
    kload(file, { partitionKeyField: '.user.id', timestampField: '.at', needsTimestamp: true }),
  'csv-parse': (file) => {
    // Rows as arrays, because objects would take longer.
    const rows = createReadStream(file).pipe(parse({ from: 2 }));
    return counted(rows, 'data', 'end', (row: string[]) => row[2]);
  },
  'readline + JSON.parse': (file) => {
    // Events, because an async iterator would take longer.
    const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
    return counted(lines, 'line', 'close', (line: string) => JSON.parse(line).user.id);
  },
  inflate: (file) => inflated(createReadStream(file), createGunzip()),
  'inflate in large chunks': (file) =>
    inflated(createReadStream(file, { highWaterMark: 256 * 1024 }), createGunzip({ chunkSize: 256 * 1024 })),
};

const [reader = '', file = '', warmUp = ''] = process.argv.slice(2);
const read = READERS[reader];
if (read === undefined) throw new Error(`unknown reader '${reader}'`);
await read(warmUp);
const startMs = performance.now();
const before = process.cpuUsage();
const found = await read(file);
const { user, system } = process.cpuUsage(before);
const result: Pass = { ...found, cpuMs: (user + system) / 1000, wallMs: performance.now() - startMs };
process.stdout.write(`${JSON.stringify(result)}\n`);

async function kload(file: string, options: Partial<InputOptions>): Promise<Found> {
  const defaults = { header: true, needsTimestamp: false, loop: false, traits: HASH_KEY_RECORDS };
  const source = await openSource({ files: [file], format: 'auto', ...defaults, ...options });
  const found = { rows: 0, keyBytes: 0 };
  for await (const { bad, count, keyStart, keyEnd } of source.blocks()) {
    if (bad.length > 0) throw new Error(`line ${bad[0]?.line} is bad: ${bad[0]?.reason}`);
    found.rows += count;
    for (let at = 0; at < count; at++) found.keyBytes += (keyEnd[at] ?? 0) - (keyStart[at] ?? 0);
  }
  return found;
}

/** Inflates a file and discards the output. */
async function inflated(file: ReadStream, gunzip: Gunzip): Promise<Found> {
  for await (const _ of file.pipe(gunzip));
  return { rows: 0, keyBytes: 0 };
}

function counted<T>(
  emitter: EventEmitter,
  event: string,
  end: string,
  keyOf: (value: T) => string | undefined,
): Promise<Found> {
  const found = { rows: 0, keyBytes: 0 };
  return new Promise((resolve, reject) => {
    emitter.on('error', reject);
    emitter.on(end, () => resolve(found));
    emitter.on(event, (value: T) => {
      found.rows++;
      found.keyBytes += keyOf(value)?.length ?? 0;
    });
  });
}
