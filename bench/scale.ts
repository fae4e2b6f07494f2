import { type Figure, figureOf } from './support/figures.js';
import { runKload, toStream, withEmulator } from './support/kload.js';
import type { BenchOptions } from './support/options.js';
import { inRounds } from './support/progress.js';

/**
 * What does one more record cost in processor time of kload alone, and how does that depend on the number of workers,
 * shards and keys, and on the size of the records?
 */

interface Setting {
  readonly workers: number;
  readonly shards: number;
  readonly keys: number;
  readonly bytes: number;
}

type Target = 'null' | 'kinesis';
type Field = keyof Setting;

/** A field of the setting, and the values that it takes in turn. */
type Axis = readonly [field: Field, values: readonly number[]];

const BASE: Setting = { workers: 1, shards: 4, keys: 10_000, bytes: 100 };

const SENDING: readonly Axis[] = [
  ['workers', [1, 2, 4]],
  ['shards', [1, 10, 100, 1_000, 10_000]],
  ['keys', [1, 10_000, 1_000_000, 10_000_000]],
  ['bytes', [60, 100, 1_000, 10_000, 100_000, 1_048_000]],
];
/** The null target has no shards. */
const NULL = SENDING.filter(([field]) => field !== 'shards');

const BYTES_MAX = 1e9;

export async function measure({ smoke, runs = smoke ? 1 : 3 }: BenchOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [target, axes, records] of [
    ['null', NULL, smoke ? 40_000 : 2_000_000],
    ['kinesis', SENDING, smoke ? 8_000 : 600_000],
  ] as const) {
    for (const [field, all] of smoke ? axes.slice(1, 2) : axes) {
      for (const value of smoke ? all.slice(-1) : all) {
        figures.push(await measureCost(target, field, { ...BASE, [field]: value }, records, runs));
      }
    }
  }
  return figures;
}

/** @param field the field of `setting` that varies */
async function measureCost(
  target: Target,
  field: Field,
  setting: Setting,
  records: number,
  runs: number,
): Promise<Figure> {
  const value = setting[field].toLocaleString('en-US');
  const variant = `${value} ${field === 'bytes' ? 'B a record' : field}`;
  const name = `${target === 'null' ? 'null target' : 'emulator'}, ${variant}`;
  const count = 4 * Math.max(50, Math.floor(Math.min(records, BYTES_MAX / setting.bytes) / 4));
  const costs = await inRounds(runs, `scale: ${name}`, async () => {
    // Both include the cost of the start, so the difference does not.
    const quarterMs = await cpuMsOf(target, setting, count / 4);
    const wholeMs = await cpuMsOf(target, setting, count);
    return ((wholeMs - quarterMs) * 1000) / (count * 0.75);
  });
  return figureOf('scale', name, 'CPU us a record', costs);
}

/** @returns processor time of kload's process; the emulator has a process of its own */
async function cpuMsOf(target: Target, { workers, shards, keys, bytes }: Setting, count: number): Promise<number> {
  const records = ['--count', String(count), '--keys', String(keys), '--record-size', String(bytes)];
  const args = [...records, '--workers', String(workers), '--quiet'];
  if (target === 'null') return (await runKload([...args, '--target', 'null'])).cpuMs;
  return withEmulator(['--limits', 'off', '--stream', `bench:${shards}`], async (endpoint) => {
    return (await runKload([...args, ...toStream(endpoint)])).cpuMs;
  });
}
