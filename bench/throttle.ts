import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from '#dist/src/core/report.js';
import type { LoopResult } from './programs/producer-loop.js';
import { type Figure, figureOf } from './support/figures.js';
import { withEmulator } from './support/kload.js';
import type { BenchOptions } from './support/options.js';
import { inRounds, progress } from './support/progress.js';
import { withTempDir } from './support/temp-dir.js';
import { addFault, asFault, kload, producerLoop, run, withService, writeHotKeys } from './support/throttle-parts.js';

/**
 * Does a run hold its rate when the stream refuses records, and does it use the whole capacity of a stream that is too
 * small? Every row has an emulator in a process of its own, and compares kload with a plain loop
 * (`programs/producer-loop.ts`).
 */

type Values = Readonly<Record<string, number>>;

/** A figure and its bounds. */
interface Measure {
  readonly title: string;
  readonly unit: string;
  readonly most?: number;
  readonly least?: number;
}

interface Row {
  readonly name: string;
  readonly measures: Readonly<Record<string, Measure>>;
  readonly run: (seconds: number, round: number) => Promise<Values>;
}

const RPS = 5_000;
const REFUSED = 'provisioned-throughput-exception:operation=PutRecords';
/** Relative to the loop, which ends a request or two earlier or later each time: not noticeably later. */
const TIME_MAX = 1.02;
/** Relative to the loop. Random refusals vary in both: this is three standard deviations in the row with the fewest. */
const REFUSALS_MAX = 1.1;

const ROWS = [
  ...randomRows(),
  ...[25, 50].map((load) =>
    // The last record is refused a few times more or less, by chance: that must be little beside the row's length.
    rateRow('20 % refused', load, 0, [`${REFUSED},percentage=20`], { deviation: 5, lateMs: 1500, times: 3 }),
  ),
  ...[25, 50, 90].map((load) =>
    rateRow('5 % of requests refused', load, 0, [`${REFUSED},percentage=5,per=request`], {
      deviation: 5,
      lateMs: 1500,
    }),
  ),
  burstRow(),
  shortRow('2 shards for 5,000/s', { shards: 2, rps: RPS, bytes: 200, perShard: 1000, refusedMax: 12 }),
  shortRow('2 shards for 500/s of 10 kB', { shards: 2, rps: 500, bytes: 10_000, perShard: 104, refusedMax: 12 }),
  cpuRow(),
  hotKeyRow(),
  otherProducerRow('another producer takes 60 %', 0),
  otherProducerRow('another producer takes 60 % every other second', 1000),
  reshardRow('2 shards become 4', 2, 4),
  reshardRow('4 shards become 2', 4, 2),
  rateRow('limits off', 50, 0, [], { deviation: 2, lateMs: 1000, limits: 'off' }),
  rateRow('limits ten times as high', 50, 0, [], { deviation: 2, lateMs: 1000, limits: '10x' }),
  twoRunsRow(),
  fastRow(),
];

export async function measure({ smoke, runs = smoke ? 1 : 3 }: BenchOptions): Promise<Figure[]> {
  const seconds = smoke ? 2 : 10;
  const only = process.env.KLOAD_BENCH_ROWS;
  const rows = smoke ? ROWS.filter(({ name }) => /^2 shards for 5,000|^5 % refused, 50 %.*, 0 ms/.test(name)) : ROWS;
  const figures: Figure[] = [];
  const missed: string[] = [];
  for (const { name, measures, run } of rows.filter(({ name }) => only === undefined || name.includes(only))) {
    const results = await inRounds(runs, `throttle: ${name}`, (round) => run(seconds, round));
    for (const [key, { title, unit, most, least }] of Object.entries(measures)) {
      const bound = most !== undefined ? ` (at most ${most})` : least !== undefined ? ` (at least ${least})` : '';
      const values = results.map((result) => result[key] ?? Number.NaN);
      const figure = figureOf('throttle', `${name}: ${title}${bound}`, unit, values);
      figures.push(figure);
      progress(`  ${title}${bound}: ${figure.median.toPrecision(4)} ${unit}`);
      if (
        !(figure.median <= (most ?? Number.POSITIVE_INFINITY)) ||
        !(figure.median >= (least ?? Number.NEGATIVE_INFINITY))
      )
        missed.push(figure.figure);
    }
  }
  const verdict = missed.length === 0 ? 'every row holds' : `${missed.length} figures miss their bound:`;
  process.stdout.write(`throttle: ${[verdict, ...missed].join('\n  ')}\n`);
  return figures;
}

interface Bounds {
  /** The largest deviation from the rate in any second, in percent. */
  readonly deviation: number;
  readonly lateMs: number;
  readonly limits?: string;
  /** How many times as long as other rows. */
  readonly times?: number;
}

function randomRows(): Row[] {
  return [25, 50, 90].flatMap((load) =>
    [0, 20, 100].flatMap((awayMs) =>
      ['0.1', '1', '5'].map((percent) =>
        rateRow(`${percent} % refused`, load, awayMs, [`${REFUSED},percentage=${percent}`], {
          deviation: 2,
          lateMs: 1000,
          // The retries of the last records then end up to half a second apart, by chance.
          times: awayMs === 100 && percent === '5' ? 2 : 1,
        }),
      ),
    ),
  );
}

/**
 * A rate within the limits of the shards, with faults that refuse records anyway.
 *
 * @param load percent of the shards' limits
 */
function rateRow(
  what: string,
  load: number,
  awayMs: number,
  faults: readonly string[],
  { deviation, lateMs, limits = 'on', times = 1 }: Bounds,
): Row {
  const shards = (RPS * 100) / (1000 * load);
  const latency = awayMs === 0 ? [] : [`latency:operation=PutRecords,delay=${awayMs}ms`];
  const emulator = [
    '--stream',
    `bench:${Math.round(shards)}`,
    '--limits',
    limits,
    ...[...faults, ...latency].flatMap(asFault),
  ];
  const rps = Math.round(shards) * 10 * load;
  return {
    name: `${what}, ${load} % of the limit, ${awayMs} ms away`,
    measures: {
      worst: { title: 'worst second after the first', unit: '%', most: deviation },
      late: { title: 'ends after its duration', unit: 'ms', most: lateMs + awayMs },
      lagP99: { title: 'schedule lag p99', unit: 'ms', ...(deviation === 2 ? { most: 50 + awayMs } : {}) },
      ...besideLoop(faults.length > 0),
    },
    run: async (most, round) => {
      const seconds = times * most;
      // Both meet the same draws, and each round has others.
      const seeded = [...emulator, '--fault-seed', String(round + 1)];
      const args = ['--rps', String(rps), '--duration', `${seconds}s`];
      const report = await withEmulator(seeded, (endpoint) => run(endpoint, args));
      const records = rps * seconds;
      const loop = await withEmulator(seeded, (endpoint) => producerLoop({ endpoint, records, rps, bytes: 200 }));
      return {
        worst: Math.max(...wholeSeconds(report, seconds).map(({ offered }) => Math.abs(offered / rps - 1) * 100)),
        late: report.durationMs - seconds * 1000,
        lagP99: report.scheduleLagMs.p99,
        ...comparison(report, loop),
      };
    },
  };
}

function burstRow(): Row {
  const shards = 10;
  return {
    name: 'every 5 s all shards refuse everything for 500 ms, 50 % of the limit',
    measures: {
      back: { title: 'the second after a burst', unit: '% of the rate', least: 98 },
      failed: { title: 'failed', unit: 'records', most: 0 },
      late: { title: 'ends after its duration', unit: 'ms', most: 1000 },
      ...besideLoop(true),
    },
    run: (seconds) =>
      withEmulator(['--stream', `bench:${shards}`], async (endpoint) => {
        const refuseAll = async () => {
          for (let atMs = 1500; atMs < seconds * 1000; atMs += 5000) {
            await sleep(atMs === 1500 ? 1500 : 5000);
            await addFault(endpoint, `${REFUSED},duration=500ms`);
          }
        };
        const args = ['--rps', String(RPS), '--duration', `${seconds}s`];
        const [report] = await Promise.all([run(endpoint, args), refuseAll()]);
        const records = RPS * seconds;
        const [loop] = await Promise.all([producerLoop({ endpoint, records, rps: RPS, bytes: 200 }), refuseAll()]);
        // A burst may extend into the next second; the second after that must be at the full rate again.
        const dips = wholeSeconds(report, seconds).filter(({ throttled }) => throttled > 100);
        const after = wholeSeconds(report, seconds).filter(({ t }) => dips.some((dip) => dip.t === t - 2));
        return {
          back: Math.min(100, ...after.map(({ offered }) => (100 * offered) / RPS)),
          failed: report.records.failed,
          late: report.durationMs - seconds * 1000,
          ...comparison(report, loop),
        };
      }),
  };
}

interface Short {
  readonly shards: number;
  readonly rps: number;
  readonly bytes: number;
  /** How many such records a shard accepts in a second. */
  readonly perShard: number;
  readonly refusedMax: number;
}

/** A stream that is too small. */
function shortRow(name: string, { shards, rps, bytes, perShard, refusedMax }: Short): Row {
  return {
    name,
    measures: {
      taken: { title: 'taken from the second second on', unit: '%', least: 99 },
      refused: { title: 'refused of all attempts', unit: '%', most: refusedMax },
      finish: { title: 'time to finish', unit: 's' },
      ...besideLoop(true),
    },
    run: (most) =>
      withEmulator(['--stream', `bench:${shards}`], async (endpoint) => {
        const seconds = Math.min(most, 6);
        const size = ['--record-size', String(bytes)];
        const report = await run(endpoint, ['--rps', String(rps), '--duration', `${seconds}s`, ...size]);
        const loop = await producerLoop({ endpoint, records: rps * seconds, rps, bytes });
        const busy = report.intervals.filter(({ t }) => t >= 1 && t < Math.floor(report.durationMs / 1000) - 1);
        const taken = busy.reduce((sum, { sent }) => sum + sent, 0) / busy.length;
        return {
          taken: (100 * taken) / (shards * perShard),
          refused: 100 * refusedShare(report),
          finish: report.durationMs / 1000,
          ...comparison(report, loop),
        };
      }),
  };
}

function cpuRow(): Row {
  return {
    name: 'processor time of 2 shards for 5,000/s',
    measures: { ratio: { title: 'of as many records without throttling', unit: 'ratio', most: 1.3 } },
    run: async (most) => {
      const times: number[] = [];
      for (const shards of [2, 20]) {
        const args = ['--rps', String(RPS), '--duration', `${Math.min(most, 6)}s`];
        const { cpuMs } = await withEmulator(['--stream', `bench:${shards}`], (endpoint) => kload(endpoint, args));
        times.push(cpuMs);
      }
      const [throttled = Number.NaN, free = Number.NaN] = times;
      return { ratio: throttled / free };
    },
  };
}

function hotKeyRow(): Row {
  const [hotRps, otherRps] = [2000, 4500];
  const rps = hotRps + otherRps;
  return {
    name: 'one key at twice its shard, the others at half',
    measures: { lagP99: { title: 'lag p99 of the other shards, as the stream saw it', unit: 'ms', most: 50 } },
    run: (seconds) =>
      withEmulator(['--stream', 'bench:10'], (endpoint) =>
        withService(endpoint, async (service) => {
          await withTempDir(async (directory) => {
            const file = join(directory, 'hot.ndjson');
            writeHotKeys(file, rps * Math.min(seconds, 8), hotRps / rps);
            const fields = ['--partition-key-field', 'key', '--data-field', 'data'];
            await run(endpoint, [file, '--rps', String(rps), ...fields]);
          });
          return { lagP99: await service.arrivalLagP99Ms('bench', rps) };
        }),
      ),
  };
}

function otherProducerRow(name: string, onMs: number): Row {
  return {
    name,
    measures: {
      taken: { title: 'taken of what is left', unit: '%', least: 95 },
      refused: { title: 'refused of all attempts', unit: '%', most: 30 },
      ...besideLoop(true),
    },
    run: async (seconds) => {
      // It resends refused records, as producers do, so 600 records/s of its own reach the stream in the end.
      const others = { records: 100_000, rps: 600, bytes: 100, onMs };
      const records = 1500 * Math.min(seconds, 8);
      const ours = await withEmulator(['--stream', 'bench:1'], async (endpoint) => {
        const other = producerLoop({ endpoint, ...others, limitMs: 1000 * seconds * 10 });
        const report = await run(endpoint, ['--rps', '1500', '--count', String(records)]);
        return { report, other: await other.stop() };
      });
      const loop = await withEmulator(['--stream', 'bench:1'], async (endpoint) => {
        const other = producerLoop({ endpoint, ...others, limitMs: 1000 * seconds * 10 });
        const result = await producerLoop({ endpoint, records, rps: 1500, bytes: 200 });
        await other.stop();
        return result;
      });
      const { report, other } = ours;
      // The other producer began with the shard's full burst allowance of one second, and runs a little longer.
      const left = (1000 * report.durationMs) / 1000 - (other.sent * report.durationMs) / (1000 * other.seconds);
      return {
        taken: (100 * report.records.sent) / left,
        refused: 100 * refusedShare(report),
        ...comparison(report, loop),
      };
    },
  };
}

function reshardRow(name: string, before: number, after: number): Row {
  return {
    name: `${name} in mid-run`,
    measures: { used: { title: 'taken from 2 s after on', unit: '%', least: 98 } },
    run: () =>
      withEmulator(['--stream', `bench:${before}`], (endpoint) =>
        withService(endpoint, async (service) => {
          const ended = run(endpoint, ['--rps', '6000', '--duration', '9s']);
          await sleep(4000);
          await service.scale('bench', after);
          const scaledAtMs = Date.now();
          const report = await ended;
          const fromT = Math.ceil((scaledAtMs - Date.parse(report.startedAt)) / 1000) + 2;
          const seconds = report.intervals.filter(
            ({ t }) => t >= fromT && t < Math.floor(report.durationMs / 1000) - 1,
          );
          const taken = seconds.reduce((sum, { sent }) => sum + sent, 0) / seconds.length;
          return { used: (100 * taken) / (1000 * after) };
        }),
      ),
  };
}

function twoRunsRow(): Row {
  return {
    name: 'two runs on one stream of 2 shards',
    measures: {
      together: { title: 'together, of the limit', unit: '%', least: 98 },
      smaller: { title: 'the smaller part', unit: '%', least: 33.3 },
    },
    run: (seconds) =>
      withEmulator(['--stream', 'bench:2'], async (endpoint) => {
        const args = ['--rps', '3000', '--duration', `${seconds}s`];
        const first = run(endpoint, args);
        await sleep(1000);
        const reports = await Promise.all([first, run(endpoint, args)]);
        const starts = reports.map(({ startedAt }) => Date.parse(startedAt));
        const fromMs = Math.max(...starts) + 2000;
        const toMs = Math.min(...reports.map(({ durationMs }, n) => (starts[n] ?? 0) + durationMs)) - 1000;
        const sums = reports.map(({ intervals }, n) =>
          intervals
            .filter(({ t }) => (starts[n] ?? 0) + 1000 * t >= fromMs && (starts[n] ?? 0) + 1000 * (t + 1) <= toMs)
            .map(({ sent }) => sent),
        );
        const [a = [], b = []] = sums;
        const perSecond = [a, b].map((sent) => sent.reduce((sum, n) => sum + n, 0) / sent.length);
        const sum = perSecond.reduce((x, y) => x + y, 0);
        return { together: sum / 20, smaller: (100 * Math.min(...perSecond)) / sum };
      }),
  };
}

function fastRow(): Row {
  return {
    name: '24,000 records as fast as possible, 4 shards',
    measures: {
      finish: { title: 'time to finish', unit: 's' },
      refused: { title: 'refused of all attempts', unit: '%' },
      ...besideLoop(true),
    },
    run: () =>
      withEmulator(['--stream', 'bench:4'], async (endpoint) => {
        const report = await run(endpoint, ['--count', '24000']);
        await sleep(1500);
        const loop = await producerLoop({ endpoint, records: 24_000, rps: null, bytes: 200 });
        return { finish: report.durationMs / 1000, refused: 100 * refusedShare(report), ...comparison(report, loop) };
      }),
  };
}

function besideLoop(refuses: boolean): Record<string, Measure> {
  const refusals = { title: "refusals, of the plain loop's", unit: 'ratio', most: REFUSALS_MAX };
  return {
    time: { title: "time to finish, of the plain loop's", unit: 'ratio', most: TIME_MAX },
    ...(refuses ? { refusals } : {}),
  };
}

function comparison(report: Report, loop: LoopResult): Values {
  return {
    time: report.durationMs / 1000 / loop.seconds,
    refusals: refusedShare(report) / (loop.refused / loop.attempts),
  };
}

function refusedShare({ records, throttled }: Report): number {
  return throttled.records / (records.sent + throttled.records);
}

function wholeSeconds({ intervals }: Report, seconds: number): Report['intervals'] {
  return intervals.filter(({ t }) => t >= 1 && t < seconds);
}
