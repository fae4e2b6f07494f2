import { figureOf } from './support/figures.js';
import { frameCostMs } from './support/frame-cost.js';
import { runKload } from './support/kload.js';
import { progress } from './support/progress.js';
import { pairRatios } from './support/stats.js';

/**
 * Does the dashboard slow down sending? The same run with the dashboard and with --quiet, side by side. The dashboard
 * shares the main thread with reading, scheduling and routing.
 */

const TERMINALS = [
  { columns: 200, rows: 50 },
  { columns: 80, rows: 24 },
];

/** @typedef {import('./support/figures.js').Figure} Figure */

/** @param {import('./run.js').BenchOptions} options @returns {Promise<Figure[]>} */
export async function measure({ smoke, runs = smoke ? 1 : 5 }) {
  const figures = [];
  for (const target of smoke ? ['null'] : ['null', 'embedded'])
    figures.push(...(await measureTarget(target, runs, smoke ? 1 : 4.5)));
  return [...figures, ...(await measureFrames(runs, smoke ? 20 : 100))];
}

/**
 * The share of one processor that the dashboard takes with its two frames a second. It is steadier than the records/s
 * of whole runs, which vary by more than the dashboard can cost.
 * @param {number} runs
 * @param {number} frames of each run
 */
async function measureFrames(runs, frames) {
  /** @type {Figure[]} */
  const figures = [];
  for (const terminal of TERMINALS) {
    progress(`dashboard: ${frames} frames at ${sizeName(terminal)}, ${runs} times`);
    const shares = [];
    for (let run = 0; run < runs; run++) shares.push(((await frameCostMs(terminal, frames)) * 2) / 10);
    figures.push(figureOf('dashboard', `frames at ${sizeName(terminal)}: share of a processor`, '%', shares));
  }
  return figures;
}

/**
 * @param {string} target
 * @param {number} runs
 * @param {number} seconds the duration of a run
 */
async function measureTarget(target, runs, seconds) {
  const count = await countFor(target, seconds);
  const args = ['--target', target, '--count', String(count)];
  const variants = TERMINALS.flatMap((terminal) => [
    { name: sizeName(terminal), args, terminal },
    { name: `quiet ${sizeName(terminal)}`, args: [...args, '--quiet'], terminal },
  ]);
  /** @type {Map<string, { rps: number, cpuMs: number }[]>} */
  const results = new Map(variants.map(({ name }) => [name, []]));
  for (let run = 0; run < runs; run++) {
    progress(`dashboard: ${target} target, ${count} records, round ${run + 1} of ${runs}`);
    // Reversed every other round, so that neither of a pair is always the first.
    for (const variant of run % 2 === 0 ? variants : variants.toReversed()) {
      const { report, cpuMs } = await runKload(variant.args, { terminal: variant.terminal });
      results.get(variant.name)?.push({ rps: report.rps.achieved, cpuMs });
    }
  }
  return TERMINALS.flatMap((terminal) => {
    const shown = results.get(sizeName(terminal)) ?? [];
    const quiet = results.get(`quiet ${sizeName(terminal)}`) ?? [];
    const ratios = (/** @type {'rps' | 'cpuMs'} */ field) =>
      pairRatios(
        shown.map((result) => result[field]),
        quiet.map((result) => result[field]),
      );
    const name = `${target} target, ${sizeName(terminal)} / --quiet`;
    return [
      figureOf('dashboard', `${name}: records/s`, 'ratio', ratios('rps')),
      figureOf('dashboard', `${name}: CPU time`, 'ratio', ratios('cpuMs')),
    ];
  });
}

/**
 * The number of records that kload sends in this time on this machine.
 * @param {string} target
 * @param {number} seconds
 */
async function countFor(target, seconds) {
  const { report } = await runKload(['--target', target, '--duration', '2s', '--quiet']);
  return Math.max(10_000, Math.round((report.rps.achieved * seconds) / 10_000) * 10_000);
}

/** @param {import('./support/kload.js').TerminalSize} size */
function sizeName({ columns, rows }) {
  return `${columns}x${rows}`;
}
