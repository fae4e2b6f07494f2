import { figureOf } from './support/figures.js';
import { runKload } from './support/kload.js';
import { progress } from './support/progress.js';
import { pairRatios } from './support/stats.js';

/**
 * Does the dashboard slow the sending? The same run with the dashboard and with --quiet, side by side. The dashboard
 * shares the main thread with what reads, schedules and routes the records.
 */

const TERMINALS = [
  { columns: 200, rows: 50 },
  { columns: 80, rows: 24 },
];

/** @typedef {import('./support/figures.js').Figure} Figure */

/** @param {import('./run.js').BenchOptions} options @returns {Promise<Figure[]>} */
export async function measure({ smoke, runs = smoke ? 1 : 5 }) {
  const figures = [];
  for (const target of ['null', 'embedded']) figures.push(...(await measureTarget(target, runs, smoke ? 1 : 4.5)));
  return [...figures, ...(await measureCpu(runs, smoke ? [1, 3] : [1, 7]))];
}

/**
 * What the dashboard costs a second, whatever else the machine does: the CPU time of a long run less that of a short
 * one, with the dashboard and without. What it costs once, to load, falls out.
 * @param {number} runs
 * @param {readonly [number, number]} seconds of the short and of the long run
 */
async function measureCpu(runs, [short, long]) {
  /** @type {number[][]} */
  const costs = TERMINALS.map(() => []);
  for (let run = 0; run < runs; run++) {
    progress(`dashboard: CPU time, round ${run + 1} of ${runs}`);
    const quiet = (await cpuMs(long, true)) - (await cpuMs(short, true));
    for (const [index, terminal] of TERMINALS.entries()) {
      const shown = (await cpuMs(long, false, terminal)) - (await cpuMs(short, false, terminal));
      costs[index]?.push((shown - quiet) / (long - short));
    }
  }
  return TERMINALS.map((terminal, index) =>
    figureOf('dashboard', `null target at 1,000/s, ${sizeName(terminal)}: CPU time`, 'ms/s', costs[index] ?? []),
  );
}

/**
 * @param {number} seconds
 * @param {boolean} quiet
 * @param {import('./support/kload.js').TerminalSize} [terminal]
 */
async function cpuMs(seconds, quiet, terminal = TERMINALS[0]) {
  const args = ['--target', 'null', '--rps', '1000', '--duration', `${seconds}s`, ...(quiet ? ['--quiet'] : [])];
  return (await runKload(args, terminal === undefined ? {} : { terminal })).cpuMs;
}

/**
 * @param {string} target
 * @param {number} runs
 * @param {number} seconds that a run should take
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
    // Backwards every other round, so that none of a pair is always the first.
    for (const variant of run % 2 === 0 ? variants : variants.toReversed()) {
      const { report, cpuMs } = await runKload(variant.args, { terminal: variant.terminal });
      results.get(variant.name)?.push({ rps: report.rps.achieved, cpuMs });
    }
  }
  return TERMINALS.flatMap((terminal) => {
    const shown = results.get(sizeName(terminal)) ?? [];
    const quiet = results.get(`quiet ${sizeName(terminal)}`) ?? [];
    const ratios = (/** @type {'rps' | 'cpuMs'} */ of) =>
      pairRatios(
        shown.map((result) => result[of]),
        quiet.map((result) => result[of]),
      );
    const name = `${target} target, ${sizeName(terminal)} / --quiet`;
    return [
      figureOf('dashboard', `${name}: records/s`, 'ratio', ratios('rps')),
      figureOf('dashboard', `${name}: CPU time`, 'ratio', ratios('cpuMs')),
    ];
  });
}

/**
 * How many records kload sends in this time here.
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
