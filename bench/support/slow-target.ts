import { BenchError } from './errors.js';
import { type Figure, figuresOf } from './figures.js';
import { toStream, withEmulator } from './kload.js';
import { inRounds } from './progress.js';
import { type Sample, sampledRun } from './sampled-run.js';
import { median } from './stats.js';

/**
 * Does memory grow while the target is slower than the rate? An emulator in a process of its own delays each response
 * so long that the requests in flight cannot carry the rate.
 */

const RPS = 50_000;
const DELAY_MS = 1_000;
/** With the default of 32 requests in flight, and 500 records in each. */
const RPS_MAX = (32 * 500 * 1000) / DELAY_MS;
const EMULATOR = ['--limits', 'off', '--stream', 'bench:100'];
const FAULT = ['--fault', `latency:operation=PutRecords,delay=${DELAY_MS}ms`];
const SAMPLES = 40;

interface Input {
  readonly name: string;
  readonly args: readonly string[];
}

const TITLES = {
  achieved: [`accepted of ${RPS.toLocaleString('en-US')}/s`, 'records/s'],
  peakMib: ['peak RSS', 'MiB'],
  growth: ['RSS, last quarter / second quarter', 'ratio'],
} as const;

type SlowRun = Readonly<Record<keyof typeof TITLES, number>>;

/** @param seconds after which the run is stopped */
export async function measureSlowTarget({ name, args }: Input, seconds: number, runs: number): Promise<Figure[]> {
  const results = await inRounds(runs, `memory: ${name} to a slow target for ${seconds} s`, () =>
    withEmulator([...EMULATOR, ...FAULT], (endpoint) => slowRun(endpoint, args, seconds)),
  );
  return figuresOf('memory', `slow target, ${name}`, results, TITLES);
}

async function slowRun(endpoint: string, args: readonly string[], seconds: number): Promise<SlowRun> {
  // The duration is longer than the run, so that the run keeps its rate until it is stopped.
  const rate = ['--rps', String(RPS), '--duration', `${10 * seconds}s`, '--drain-timeout', `${2 * DELAY_MS}ms`];
  const { report, peakRssKib, samples } = await sampledRun([...args, ...toStream(endpoint), ...rate], {
    everyMs: (1000 * seconds) / SAMPLES,
    stopAfterMs: 1000 * seconds,
  });
  const { achieved } = report.rps;
  if (achieved > RPS_MAX) throw new BenchError(`the target was not slow: it accepted ${achieved} records/s`);
  const quarter = Math.ceil(samples.length / 4);
  const growth = medianMib(samples.slice(-quarter)) / medianMib(samples.slice(quarter, 2 * quarter));
  return { achieved, peakMib: (peakRssKib ?? Number.NaN) / 1024, growth };
}

function medianMib(samples: readonly Sample[]) {
  return median(samples.map(({ mib }) => mib));
}
