import { compareReports } from '#dist/src/compare/compare.js';
import type { Report } from '#dist/src/core/report.js';
import { type Figure, figureOf } from './support/figures.js';
import { runKload, toStream, withEmulator } from './support/kload.js';
import type { BenchOptions } from './support/options.js';
import { inRounds } from './support/progress.js';

/** Does `kload compare` find 20 % more latency between two real runs, and none between equal ones? */

const BASE_MS = 50;
const SLOWER_MS = 60;
const RPS = 200;

interface Round {
  readonly slower: Compared;
  readonly equal: Compared;
}

/** What the comparison says about the median. */
interface Compared {
  readonly verdict: string;
  /** Whether any metric is called better or worse. */
  readonly isDifferent: boolean;
  readonly ratio: number;
  /** How far the 95 % interval reaches up, of the ratio. */
  readonly reach: number;
}

export async function measure({ smoke, runs = smoke ? 1 : 5 }: BenchOptions): Promise<Figure[]> {
  const seconds = smoke ? 2 : 120;
  const name = `${BASE_MS} ms, ${RPS}/s for ${seconds} s`;
  const rounds = await inRounds(runs, `compare: ${name}`, () =>
    atLatency(BASE_MS, (base) => atLatency(SLOWER_MS, (slower) => round(base, slower, seconds))),
  );
  const slower = rounds.map((one) => one.slower);
  const equal = rounds.map((one) => one.equal);
  const found = slower.filter(({ verdict }) => verdict === 'worse');
  const different = equal.filter(({ isDifferent }) => isDifferent);
  return [
    figureOf('compare', `${name}: against ${SLOWER_MS} ms, p50 called worse`, 'of all pairs', [
      found.length / slower.length,
    ]),
    figureOf('compare', `${name}: against itself, any metric called different`, 'of all pairs', [
      different.length / equal.length,
    ]),
    ...figuresOf(`${name}: against ${SLOWER_MS} ms`, slower),
    ...figuresOf(`${name}: against itself`, equal),
  ];
}

function figuresOf(title: string, pairs: readonly Compared[]): Figure[] {
  return [
    figureOf(
      'compare',
      `${title}, p50`,
      'ratio',
      pairs.map(({ ratio }) => ratio),
    ),
    figureOf(
      'compare',
      `${title}, p50, upper end of the interval / ratio`,
      'ratio',
      pairs.map(({ reach }) => reach),
    ),
  ];
}

function atLatency<T>(ms: number, use: (endpoint: string) => Promise<T>): Promise<T> {
  return withEmulator(['--stream', 'bench:4', '--fault', `latency:operation=PutRecords,delay=${ms}ms`], use);
}

/** Side by side, so that other load on the machine affects all three. */
async function round(base: string, slower: string, seconds: number): Promise<Round> {
  const run = async (endpoint: string): Promise<Report> => {
    const args = [...toStream(endpoint), '--rps', String(RPS), '--duration', `${seconds}s`, '--quiet'];
    return (await runKload(args)).report;
  };
  const [first, second, changed] = await Promise.all([run(base), run(base), run(slower)]);
  return { slower: compared(first, changed), equal: compared(first, second) };
}

function compared(base: Report, changed: Report): Compared {
  const sides = { base: [{ file: 'base', report: base }], new: [{ file: 'new', report: changed }] };
  const { metrics } = compareReports(sides, { seed: 1, gates: [], ignored: [] });
  const p50 = metrics.find(({ metric }) => metric === 'latency.p50');
  const ratio = p50?.ratio ?? Number.NaN;
  return {
    verdict: p50?.verdict ?? 'cannot tell',
    isDifferent: metrics.some(({ verdict }) => verdict === 'better' || verdict === 'worse'),
    ratio,
    reach: (p50?.interval?.high ?? Number.NaN) / ratio,
  };
}
