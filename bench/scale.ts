import { figureOf } from './support/figures.js';
import { runKload, withEmulator } from './support/kload.js';
import { progress } from './support/progress.js';

/**
 * What does one more record cost in processor time of kload alone, and how does that depend on the number of workers,
 * shards and keys, and on the size of the records?
 */

/** @typedef {{ workers: number, shards: number, keys: number, bytes: number }} Setting */

/** @type {Setting} */
const BASE = { workers: 1, shards: 4, keys: 10_000, bytes: 100 };
const KEYS = [1, 10_000, 1_000_000, 10_000_000];

/** @type {{ [K in keyof Setting]: readonly number[] }} */
const SENDING = {
  workers: [1, 2, 4],
  shards: [1, 10, 100, 1_000, 10_000],
  keys: KEYS,
  bytes: [60, 100, 1_000, 10_000, 100_000, 1_048_000],
};
/** The null target has no shards. */
const NULL = { workers: SENDING.workers, keys: KEYS, bytes: SENDING.bytes };

const BYTES_MAX = 1e9;
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };

/** @param {import('./run.js').BenchOptions} options */
export async function measure({ smoke, runs = smoke ? 1 : 3 }) {
  const figures = [];
  for (const [target, table, records] of /** @type {const} */ ([
    ['null', NULL, smoke ? 40_000 : 2_000_000],
    ['kinesis', SENDING, smoke ? 8_000 : 600_000],
  ])) {
    for (const [field, all] of smoke ? Object.entries(table).slice(1, 2) : Object.entries(table)) {
      for (const value of smoke ? all.slice(-1) : all) {
        figures.push(await measureCost(target, field, { ...BASE, [field]: value }, records, runs));
      }
    }
  }
  return figures;
}

/**
 * @param {'null' | 'kinesis'} target
 * @param {string} field the field of `setting` that varies
 * @param {Setting} setting
 * @param {number} records
 * @param {number} runs
 */
async function measureCost(target, field, setting, records, runs) {
  const value = setting[/** @type {keyof Setting} */ (field)].toLocaleString('en-US');
  const variant = `${value} ${field === 'bytes' ? 'B a record' : field}`;
  const name = `${target === 'null' ? 'null target' : 'emulator'}, ${variant}`;
  const count = 4 * Math.max(50, Math.floor(Math.min(records, BYTES_MAX / setting.bytes) / 4));
  const costs = [];
  for (let run = 0; run < runs; run++) {
    progress(`scale: ${name}, round ${run + 1} of ${runs}`);
    // Both include the cost of the start, so the difference does not.
    const quarterMs = await cpuMsOf(target, setting, count / 4);
    const wholeMs = await cpuMsOf(target, setting, count);
    costs.push(((wholeMs - quarterMs) * 1000) / (count * 0.75));
  }
  return figureOf('scale', name, 'CPU us a record', costs);
}

/**
 * @param {'null' | 'kinesis'} target
 * @param {Setting} setting
 * @param {number} count
 * @returns {Promise<number>} processor time of kload's process; the emulator has a process of its own
 */
async function cpuMsOf(target, { workers, shards, keys, bytes }, count) {
  const records = ['--count', String(count), '--keys', String(keys), '--record-size', String(bytes)];
  const args = [...records, '--workers', String(workers), '--quiet'];
  if (target === 'null') return (await runKload([...args, '--target', 'null'])).cpuMs;
  return withEmulator(['--limits', 'off', '--stream', `bench:${shards}`], async (endpoint) => {
    const to = ['--stream', 'bench', '--endpoint-url', endpoint, '--region', 'us-east-1'];
    return (await runKload([...args, ...to], { env: CREDENTIALS })).cpuMs;
  });
}
