import { KloadError } from '../core/errors.js';
import { type OptionSpec, section } from '../options/option.js';
import { parseOptions } from '../options/parse.js';
import { positive, someDuration, ValueError } from '../options/values.js';
import { targetKind } from '../target/kinds.js';
import type { Threshold } from '../threshold/parse.js';
import { RUN_OPTIONS } from './run-options.js';
import { planRun, type RunPlan } from './run-plan.js';
import { parseThresholds } from './thresholds.js';

/** Options of `kload run` that a search decides itself, or that have no meaning in it. */
const LEFT_OUT = [
  ...(['rps', 'stages', 'rateFile', 'bytesPerSecond', 'respectTiming', 'speed', 'maxGap', 'reorderWindow'] as const),
  ...(['startAt', 'count', 'duration', 'loop', 'threshold', 'thresholds', 'deadLetter', 'drainTimeout'] as const),
  ...(['checkpoint', 'checkpointInterval', 'resume', 'report', 'dashboard', 'warmUp', 'maxTime', 'dryRun'] as const),
  ...(['config', 'printConfig', 'metricsListen', 'metricsLinger', 'otlpEndpoint'] as const),
  ...(['part', 'partBy', 'barrier', 'barrierDir', 'barrierTimeout'] as const),
] as const;
/** The target has this share of a trial to get going, in seconds: it does not count. */
const SETTLE_SHARE = 0.2;
const SETTLE_SECONDS_MAX = 5;
const DWELL_MS_MIN = 3000;
const DEFAULT_SLOS = ['throttled.rate < 1%', 'behind < 1s', 'records.failed == 0'];

const factor = (text: string): number => {
  const value = positive(text);
  if (value < 1.01 || value > 10) throw new ValueError(`takes a factor from 1.01 to 10, not '${text}'`);
  return value;
};

const SEARCH_OPTIONS = {
  ...section('Search', {
    slo: {
      flags: '--slo <bound>',
      repeatable: true,
      help:
        "what a rate must keep to hold, as --threshold of kload run: 'latency.p99 < 200ms'; " +
        `without one: ${DEFAULT_SLOS.join(', ')}`,
    },
    start: {
      flags: '--start <rps>',
      help: 'the first rate to try, in records per second',
      default: 1000,
      schema: positive,
    },
    step: {
      flags: '--step <factor>',
      help: 'the factor from one rate to the next, until one breaks',
      default: 1.25,
      schema: factor,
    },
    dwell: {
      flags: '--dwell <time>',
      help: 'how long to hold each rate; a shard allows bursts, which hide an excess of a second in this time',
      default: '30s',
      schema: someDuration,
    },
    confirm: {
      flags: '--confirm <time>',
      help: 'how long to hold the result; if it breaks, lower rates are tried',
      default: '2m',
      schema: someDuration,
    },
    wanted: {
      flags: '--wanted <rps>',
      help: 'say how many shards this rate needs',
      schema: positive,
    },
    report: {
      flags: '--report <file>',
      repeatable: true,
      help: 'write all trials: .json for the full report, .html for a page to look at',
    },
  }),
};

type LeftOut = (typeof LEFT_OUT)[number];

/** The options of `kload find-max`: those of a run, without the rate and the end, and those of the search. */
export const FIND_MAX_OPTIONS = {
  ...SEARCH_OPTIONS,
  ...(Object.fromEntries(
    Object.entries(RUN_OPTIONS).filter(([name]) => !(LEFT_OUT as readonly string[]).includes(name)),
  ) as Omit<typeof RUN_OPTIONS, LeftOut>),
};

/** A planned search. */
export interface FindMaxPlan {
  readonly start: number;
  readonly step: number;
  readonly dwellMs: number;
  readonly confirmMs: number;
  readonly wanted: number | undefined;
  /** As they were given. */
  readonly slos: readonly Threshold[];
  /** The first trial. */
  readonly first: RunPlan;
  readonly reports: readonly string[];
}

/**
 * Plans a search from the given options.
 *
 * @throws KloadError `usage` for values that are invalid, alone or together
 */
export function planFindMax(
  given: Readonly<Record<string, unknown>>,
  files: readonly string[],
  environment: NodeJS.ProcessEnv,
  processors: number,
): FindMaxPlan {
  const { start, step, dwell, confirm, wanted, slo, report } = parseOptions(SEARCH_OPTIONS, given, environment);
  if (dwell < DWELL_MS_MIN || confirm < dwell) {
    const reason = dwell < DWELL_MS_MIN ? '--dwell takes at least 3s' : '--confirm is shorter than --dwell';
    throw new KloadError('usage', reason, 'a rate that holds for longer is a safer answer');
  }
  if (files.includes('-')) {
    throw new KloadError('usage', 'find-max cannot read standard input once for each trial', 'name a file instead');
  }
  const asRun = { rps: String(start), duration: `${dwell}ms`, ...(files.length > 0 && { loop: true }) };
  const env = { ...environment };
  for (const name of LEFT_OUT) delete env[(RUN_OPTIONS[name] as OptionSpec).env ?? ''];
  const first = planRun({ ...given, ...asRun, report: [] }, files, env, processors);
  const texts = (slo.length > 0 ? slo : DEFAULT_SLOS).map((text) => ({ text, at: '--slo' }));
  const slos = parseThresholds(texts, true, targetKind(first.target.kind).hasShardLimits);
  const long = slos.find((slo) => secondsToBreak(slo) > dwell / 2000);
  if (long !== undefined) {
    const reason = `--slo ${long.text}: its times add up to more than half of --dwell`;
    throw new KloadError('usage', reason, 'leave out over, for and after, or make --dwell longer');
  }
  for (const file of report) {
    if (!/\.(json|html)$/.test(file)) {
      throw new KloadError('usage', `--report ${file}: unknown format`, 'find-max writes .json and .html');
    }
  }
  return { start, step, dwellMs: dwell, confirmMs: confirm, wanted, slos, first, reports: report };
}

/** The times of a bound's clauses: a trial that is shorter cannot break it. */
function secondsToBreak({ overSeconds, forSeconds, afterSeconds }: Threshold): number {
  const window = overSeconds === Number.POSITIVE_INFINITY ? 0 : overSeconds;
  return afterSeconds + window + Math.max(0, forSeconds - 1);
}

/** The run that tries a rate. Its first seconds do not count. */
export function planOfTrial({ first, slos, dwellMs }: FindMaxPlan, rps: number, durationMs: number): RunPlan {
  const settle = Math.max(1, Math.min(SETTLE_SECONDS_MAX, Math.floor((dwellMs / 1000) * SETTLE_SHARE)));
  const thresholds = slos.map((slo) => ({ ...slo, afterSeconds: Math.max(settle, slo.afterSeconds) }));
  const { schedule } = first;
  const atRate = schedule.kind === 'constant-rate' ? { ...schedule, rps } : schedule;
  return { ...first, schedule: atRate, durationMs, thresholds };
}
