import { type Figure, figureOf } from './support/figures.js';
import { countFor, runKload, type TerminalSize } from './support/kload.js';
import type { BenchOptions } from './support/options.js';
import { inRounds } from './support/progress.js';
import { pairRatios } from './support/stats.js';

/**
 * Does the dashboard slow down sending, or delay records? The same run with the dashboard and with --quiet, side by
 * side.
 */

const WIDE: TerminalSize = { columns: 200, rows: 50 };
const NARROW: TerminalSize = { columns: 80, rows: 24 };
/** Without linger, so that all schedule lag is kload's own. */
const PACED = ['--target', 'null', '--rps', '5000', '--linger', '0ms'];

export async function measure({ smoke, runs = smoke ? 1 : 5 }: BenchOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const target of smoke ? ['null'] : ['null', 'embedded']) {
    for (const terminal of smoke ? [WIDE] : [WIDE, NARROW])
      figures.push(...(await measureFast(terminal, target, smoke ? 1 : 4.5, runs)));
  }
  return [...figures, ...(await measurePaced(WIDE, smoke ? 2 : 12, runs))];
}

/** As fast as possible. */
async function measureFast(terminal: TerminalSize, target: string, seconds: number, runs: number): Promise<Figure[]> {
  const count = await countFor(['--target', target], seconds);
  const args = ['--target', target, '--count', String(count)];
  const name = `${target} target, ${sizeName(terminal)}`;
  const { shown, quiet } = await inPairs(runs, `${name}, ${count} records`, async (option) => {
    const { report, cpuMs } = await runKload([...args, ...option], { terminal });
    return { rps: report.rps.achieved, cpuMs };
  });
  return [
    figureOf('dashboard', `${name} / --quiet: records/s`, 'ratio', pairRatios(shown.rps, quiet.rps)),
    figureOf('dashboard', `${name} / --quiet: CPU time`, 'ratio', pairRatios(shown.cpuMs, quiet.cpuMs)),
  ];
}

/**
 * At a constant rate: how late records are, and the processor time that the dashboard adds. That is the time of a run
 * less that of one a quarter as long, so it includes no start, and less what --quiet takes.
 */
async function measurePaced(terminal: TerminalSize, seconds: number, runs: number): Promise<Figure[]> {
  const name = `5,000 records/s, ${sizeName(terminal)}`;
  const { shown, quiet } = await inPairs(runs, `${name} for ${seconds} s`, async (option) => {
    const run = (s: number) => runKload([...PACED, '--duration', `${s}s`, ...option], { terminal });
    const quarter = await run(seconds / 4);
    const whole = await run(seconds);
    const share = (whole.cpuMs - quarter.cpuMs) / (7.5 * seconds);
    return { lagP99: whole.report.scheduleLagMs.p99, share };
  });
  const shares = shown.share.map((share, index) => share - (quiet.share[index] ?? Number.NaN));
  return [
    figureOf('dashboard', `${name}: schedule lag p99`, 'ms', shown.lagP99),
    figureOf('dashboard', `${name} --quiet: schedule lag p99`, 'ms', quiet.lagP99),
    figureOf('dashboard', `${name} / --quiet: schedule lag p99`, 'ratio', pairRatios(shown.lagP99, quiet.lagP99)),
    figureOf('dashboard', `${name}, less --quiet: share of a processor`, '%', shares),
  ];
}

type Pair<K extends string> = Record<'shown' | 'quiet', Record<K, number[]>>;

/** Measures with and without the dashboard in turns, so that neither is always the first. */
async function inPairs<K extends string>(
  runs: number,
  what: string,
  run: (option: readonly string[]) => Promise<Record<K, number>>,
): Promise<Pair<K>> {
  const pairs = await inRounds(runs, `dashboard: ${what}`, async (round) => {
    if (round % 2 === 0) return { shown: await run([]), quiet: await run(['--quiet']) };
    const quiet = await run(['--quiet']);
    return { shown: await run([]), quiet };
  });
  return { shown: columnsOf(pairs.map(({ shown }) => shown)), quiet: columnsOf(pairs.map(({ quiet }) => quiet)) };
}

/** The values of each field. */
function columnsOf<K extends string>(rows: readonly Record<K, number>[]): Record<K, number[]> {
  const fields = Object.keys(rows[0] ?? {}) as K[];
  return Object.fromEntries(fields.map((field) => [field, rows.map((row) => row[field])])) as Record<K, number[]>;
}

function sizeName({ columns, rows }: TerminalSize): string {
  return `${columns}x${rows}`;
}
