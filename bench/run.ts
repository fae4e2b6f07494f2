import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import * as compare from './compare.js';
import * as dashboard from './dashboard.js';
import * as emulator from './emulator.js';
import * as findMax from './find-max.js';
import * as generate from './generate.js';
import * as kafka from './kafka.js';
import * as kafkaEncode from './kafka-encode.js';
import * as memory from './memory.js';
import * as metrics from './metrics.js';
import * as pace from './pace.js';
import * as path from './path.js';
import * as read from './read.js';
import * as replay from './replay.js';
import * as scale from './scale.js';
import * as send from './send.js';
import { endOnSignals } from './support/cleanup.js';
import { BenchError } from './support/errors.js';
import { type Figure, figureLines, figureTable } from './support/figures.js';
import type { BenchOptions } from './support/options.js';
import * as tail from './tail.js';
import * as throttle from './throttle.js';

interface Bench {
  readonly measure: (options: BenchOptions) => Promise<Figure[]>;
}

const BENCHES: ReadonlyMap<string, Bench> = new Map(
  Object.entries({
    ...{ read, send, path, pace, throttle, replay, memory, scale, dashboard, metrics, emulator },
    ...{ 'kafka-encode': kafkaEncode, kafka, generate, compare, 'find-max': findMax, tail },
  }),
);

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

endOnSignals();
process.exitCode = await main(process.argv.slice(2));

/** @returns the exit code */
async function main(args: string[]): Promise<number> {
  try {
    const { names, options } = parse(args);
    process.stdout.write(
      `node ${process.version}, ${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown CPU'}\n`,
    );
    const figures: Figure[] = [];
    for (const name of names) {
      const found = await BENCHES.get(name)?.measure(options);
      figures.push(...(found ?? []));
    }
    process.stdout.write(`\n${figureTable(figures)}\n\n${figureLines(figures)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    process.stderr.write(`bench: ${error.message}\n`);
    return error.usage ? EXIT_USAGE : EXIT_FAILED;
  }
}

function parse(args: string[]): { names: string[]; options: BenchOptions } {
  const { values, positionals } = parsed(args);
  const unknown = positionals.filter((name) => !BENCHES.has(name));
  const all = [...BENCHES.keys()];
  if (unknown.length > 0) {
    throw new BenchError(`unknown bench '${unknown.join("', '")}'; the benches are: ${all.join(', ')}`, {
      usage: true,
    });
  }
  const { smoke = false } = values;
  const runs = numberOf('--runs', values.runs);
  const longMinutes = numberOf('--long', values.long);
  const largeGib = numberOf('--large', values.large);
  if ((longMinutes !== undefined || largeGib !== undefined) && positionals.join() !== 'memory') {
    throw new BenchError("--long and --large can only be used with the bench 'memory' alone", { usage: true });
  }
  const names = positionals.length === 0 ? all : all.filter((name) => positionals.includes(name));
  return { names, options: { smoke, runs, longMinutes, largeGib } };
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new BenchError(`${option} takes a number from 1 to 999, not '${text}'`, { usage: true });
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        runs: { type: 'string' },
        smoke: { type: 'boolean' },
        long: { type: 'string' },
        large: { type: 'string' },
      },
    });
  } catch (error) {
    throw new BenchError(error instanceof Error ? error.message : String(error), { usage: true });
  }
}
