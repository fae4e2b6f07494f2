import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { HASH_KEY_RECORDS } from '../../dist/src/core/record.js';
import { openSource } from '../../dist/src/input/open-source.js';

/**
 * Reads a file once, in a process of its own: `read-pass.js READER FILE WARM-UP`. It reads the warm-up first, a small
 * file of the same kind, so that the measured code is already compiled. Writes one JSON object.
 */

/** @typedef {{ rows: number, keyBytes: number }} Found */

/** @type {Record<string, (file: string) => Promise<Found>>} */
const READERS = {
  csv: (file) => kload(file, { partitionKeyField: 'RRPair UUID' }),
  ndjson: (file) => kload(file, { partitionKeyField: '.user.id' }),
  'ndjson, timed': (file) =>
    kload(file, { partitionKeyField: '.user.id', timestampField: '.at', needsTimestamp: true }),
  'csv-parse': (file) => {
    // Rows as arrays, because objects would take longer.
    const rows = createReadStream(file).pipe(parse({ from: 2 }));
    return counted(rows, 'data', 'end', (/** @type {string[]} */ row) => row[2]);
  },
  'readline + JSON.parse': (file) => {
    // Events, because an async iterator would take longer.
    const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
    return counted(lines, 'line', 'close', (/** @type {string} */ line) => JSON.parse(line).user.id);
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
const result = { ...found, cpuMs: (user + system) / 1000, wallMs: performance.now() - startMs };
process.stdout.write(`${JSON.stringify(result)}\n`);

/**
 * @param {string} file
 * @param {Partial<import('../../dist/src/input/input-options.js').InputOptions>} options
 * @returns {Promise<Found>}
 */
async function kload(file, options) {
  const defaults = { format: 'auto', header: true, needsTimestamp: false, loop: false, traits: HASH_KEY_RECORDS };
  const all = { files: [file], ...defaults, ...options };
  const source = await openSource(/** @type {import('../../dist/src/input/input-options.js').InputOptions} */ (all));
  const found = { rows: 0, keyBytes: 0 };
  for await (const { bad, count, keyStart, keyEnd } of source.blocks()) {
    if (bad.length > 0) throw new Error(`line ${bad[0]?.line} is bad: ${bad[0]?.reason}`);
    found.rows += count;
    for (let at = 0; at < count; at++) found.keyBytes += (keyEnd[at] ?? 0) - (keyStart[at] ?? 0);
  }
  return found;
}

/**
 * Inflates a file and discards the output.
 * @param {import('node:fs').ReadStream} file
 * @param {import('node:zlib').Gunzip} gunzip
 * @returns {Promise<Found>}
 */
async function inflated(file, gunzip) {
  for await (const _ of file.pipe(gunzip));
  return { rows: 0, keyBytes: 0 };
}

/**
 * @template T
 * @param {import('node:events').EventEmitter} emitter
 * @param {string} event
 * @param {string} end
 * @param {(value: T) => string | undefined} keyOf
 * @returns {Promise<Found>}
 */
function counted(emitter, event, end, keyOf) {
  const found = { rows: 0, keyBytes: 0 };
  return new Promise((resolve, reject) => {
    emitter.on('error', reject);
    emitter.on(end, () => resolve(found));
    emitter.on(event, (/** @type {T} */ value) => {
      found.rows++;
      found.keyBytes += keyOf(value)?.length ?? 0;
    });
  });
}
