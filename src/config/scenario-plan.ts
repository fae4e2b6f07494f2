import { KloadError } from '../core/errors.js';
import { flagOf, type OptionSpec } from '../options/option.js';
import { targetKind } from '../target/kinds.js';
import type { Threshold } from '../threshold/parse.js';
import type { ConfigFile, LoadOptions } from './config-file.js';
import { type RunOption, unusedNames, usedOfFile } from './run-conflicts.js';
import { RUN_OPTIONS } from './run-options.js';
import { hasRate, planRun, type RunGiven, type RunPlan, runGiven } from './run-plan.js';
import { thresholdsOf } from './thresholds.js';

/** A file with loads. */
export type ScenarioFile = ConfigFile & { readonly loads: readonly LoadOptions[] };

export interface LoadPlan {
  readonly name: string;
  readonly plan: RunPlan;
}

/** A run of several loads. */
export interface ScenarioPlan {
  readonly loads: readonly LoadPlan[];
  /** The plan of the first load: all of `SHARED` is the same for all. */
  readonly common: RunPlan;
  /** On the figures of all loads together. */
  readonly thresholds: readonly Threshold[];
}

/** Options of the whole run. */
const SHARED: readonly RunOption[] = [
  'workers',
  'report',
  'maxTime',
  'startAt',
  'warmUp',
  'dashboard',
  'quiet',
  'dryRun',
];
/** Thresholds at the top level are for all loads together, and those of a load for itself. */
const THRESHOLDS: readonly RunOption[] = ['threshold', 'thresholds'];
const NOT_SPLIT = 'leave it out, or run the loads apart: a run of several loads cannot be split';
/** Options that a run of several loads cannot have. */
const REFUSED: Partial<Record<RunOption, string>> = {
  part: NOT_SPLIT,
  partBy: NOT_SPLIT,
  barrier: NOT_SPLIT,
  barrierDir: NOT_SPLIT,
  barrierTimeout: NOT_SPLIT,
  checkpoint: 'leave it out, or run the loads apart',
  checkpointInterval: 'leave it out, or run the loads apart',
  resume: 'leave it out, or run the loads apart',
  metricsListen: 'leave it out, or run the loads apart: live metrics are of one load',
  metricsLinger: 'leave it out, or run the loads apart: live metrics are of one load',
  otlpEndpoint: 'leave it out, or run the loads apart: live metrics are of one load',
};
/** What one load alone can have. */
const OF_LOAD: Partial<Record<RunOption, string>> = {
  deadLetter: 'two loads cannot write one file: give each load a dead-letter of its own',
};
const NAME_CHARS_MAX = 60;

/** One load with the defaults that apply to it. */
interface Merged {
  readonly load: LoadOptions;
  /** How messages name it. */
  readonly label: string;
  readonly file: ConfigFile;
}

/**
 * Plans a run of several loads. Flags and variables win over the options of a load, and these over the options at the
 * top level of the file, which are defaults for all loads.
 *
 * @throws KloadError `usage`, which names the load
 */
export function planScenario(
  flags: Readonly<Record<string, unknown>>,
  positional: readonly string[],
  env: NodeJS.ProcessEnv,
  processors: number,
  nowMs: number,
  file: ScenarioFile,
): ScenarioPlan {
  checkPlaces(flags, positional, env, file);
  // It is for the whole run, as the option at the top level is.
  const { KLOAD_THRESHOLDS: thresholdsFile, ...ofLoads } = env;
  const plans = loadsGiven(flags, ofLoads, file).map(({ load, label, file: merged, flags: own }) => {
    const plan = named(label, () => planRun(own, [], ofLoads, processors, nowMs, merged));
    if (plan.metrics !== undefined) {
      const hint = 'unset OTEL_EXPORTER_OTLP_ENDPOINT, or set OTEL_METRICS_EXPORTER=none: live metrics are of one load';
      throw new KloadError('usage', 'a run of several loads exports no metrics', hint);
    }
    return { load, label, plan, name: load.name ?? streamOf(plan) };
  });
  const workers = Math.min(...plans.map(({ plan }) => plan.workers));
  checkNames(plans);
  checkKinds(plans);
  const loads = plans.map(({ name = '', plan }) => ({ name, plan: { ...plan, workers } }));
  checkDeadLetters(loads);
  const common = loads[0]!.plan;
  const isPaced = loads.every(({ plan }) => hasRate(plan.schedule));
  const given = { ...file.given, ...flags };
  const thresholds = thresholdsOf(
    {
      threshold: (given.threshold ?? []) as readonly string[],
      thresholds: (given.thresholds ?? thresholdsFile) as string | undefined,
    },
    isPaced,
    targetKind(common.target.kind).hasShardLimits,
  );
  return { loads, common, thresholds };
}

/** The effective options of each load, for `--print-config`. */
export function scenarioGiven(
  flags: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
  file: ScenarioFile,
): readonly (RunGiven & { readonly name: string | undefined })[] {
  return loadsGiven(flags, env, file).map(({ load, file: merged, flags: own }) => ({
    name: load.name,
    ...runGiven(own, [], env, merged),
  }));
}

/** Whether the option belongs to the whole run, and not to a load. */
export function isOfWholeRun(name: string): boolean {
  return [...SHARED, ...THRESHOLDS].includes(name as RunOption);
}

function loadsGiven(
  flags: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
  file: ScenarioFile,
): (Merged & { readonly flags: Record<string, unknown> })[] {
  const merged = file.loads.map((load, i) => withDefaults(load, i, file));
  const withoutThresholds = without(flags, THRESHOLDS);
  const unused = merged.map(
    ({ file: { given, args } }) => new Set(unusedNames({ ...given, ...withoutThresholds }, env, args)),
  );
  // A flag that has no effect on one load may have one on another. Without an effect on any, it is refused.
  const isOfNone = (name: string) => unused.every((names) => names.has(name));
  return merged.map((one, i) => {
    const dropped = Object.keys(withoutThresholds).filter((name) => unused[i]!.has(name) && !isOfNone(name));
    return { ...one, flags: without(withoutThresholds, dropped) };
  });
}

function withDefaults(load: LoadOptions, index: number, top: ScenarioFile): Merged {
  const label = load.name === undefined ? `load ${index + 1} (${load.at})` : `load '${load.name}'`;
  const args = load.args.length > 0 ? load.args : top.args;
  const defaults: ConfigFile = { ...top, given: without(top.given, THRESHOLDS) };
  // What the load sets wins over defaults that exclude it.
  const used = usedOfFile(load.given, {}, defaults, args);
  const given = { ...used, ...load.given };
  return { load, label, file: { given, args, places: new Map([...top.places, ...load.places]) } };
}

function checkPlaces(
  flags: Readonly<Record<string, unknown>>,
  positional: readonly string[],
  env: NodeJS.ProcessEnv,
  file: ScenarioFile,
): void {
  if (positional.length > 0 || flags.csv !== undefined) {
    const hint = "write 'files' into the load that sends them";
    throw new KloadError('usage', 'with loads, no file is named on the command line', hint);
  }
  const hasVariable = (name: RunOption) => Boolean(env[(RUN_OPTIONS[name] as OptionSpec).env ?? '']);
  for (const [name, hint] of Object.entries({ ...REFUSED, ...OF_LOAD }) as [RunOption, string][]) {
    const why = name in REFUSED ? 'cannot be used with several loads' : 'cannot be set for all loads';
    const isSet = flags[name] !== undefined || file.given[name] !== undefined;
    if (isSet) throw new KloadError('usage', `${placeOf(name, file)}${flag(name)} ${why}`, hint);
    if (hasVariable(name)) throw new KloadError('usage', `${(RUN_OPTIONS[name] as OptionSpec).env} ${why}`, hint);
  }
  for (const [i, load] of file.loads.entries()) {
    const label = load.name === undefined ? `load ${i + 1}` : `load '${load.name}'`;
    const name = Object.keys(load.given).find((name) => SHARED.includes(name as RunOption) || name in REFUSED);
    if (name === undefined) continue;
    const what = `${placeOf(name as RunOption, load)}${label}: ${flag(name as RunOption)}`;
    const hint = REFUSED[name as RunOption];
    if (hint !== undefined) throw new KloadError('usage', `${what} cannot be used with several loads`, hint);
    throw new KloadError('usage', `${what} is for the whole run`, 'set it at the top level, beside loads');
  }
}

function placeOf(name: RunOption, { places }: Pick<ConfigFile, 'places'>): string {
  const place = places.get(name);
  return place === undefined ? '' : `${place}: `;
}

function flag(name: RunOption): string {
  return flagOf(RUN_OPTIONS[name]);
}

interface Planned {
  readonly name: string | undefined;
  readonly load: LoadOptions;
  readonly plan: RunPlan;
}

function checkNames(loads: readonly Planned[]): void {
  const seen = new Map<string, LoadOptions>();
  for (const [i, { name, load }] of loads.entries()) {
    if (name === undefined) {
      throw new KloadError(
        'usage',
        `${load.at}: load ${i + 1} has no name, and no stream to be named after`,
        'add a name',
      );
    }
    if ([...name].length > NAME_CHARS_MAX) {
      throw new KloadError(
        'usage',
        `${load.at}: the name of load ${i + 1} is longer than ${NAME_CHARS_MAX} characters`,
      );
    }
    const other = seen.get(name);
    if (other !== undefined) {
      const from = load.name === undefined ? ', which load without a name takes from its stream' : '';
      throw new KloadError(
        'usage',
        `${load.at}: two loads have the name '${name}'${from}`,
        `the other one is at ${other.at}: name one of them differently`,
      );
    }
    seen.set(name, load);
  }
}

/** Shards and partitions cannot be counted together. */
function checkKinds(loads: readonly Planned[]): void {
  const [first, ...others] = loads;
  const other = others.find(({ plan }) => plan.target.kind !== first!.plan.target.kind);
  if (other === undefined) return;
  const what = `'${first!.name}' has the target ${first!.plan.target.kind}, and '${other.name}' ${other.plan.target.kind}`;
  throw new KloadError(
    'usage',
    `all loads of a run need one kind of target: ${what}`,
    'run them apart, each with kload run',
  );
}

function checkDeadLetters(loads: readonly LoadPlan[]): void {
  const seen = new Map<string, string>();
  for (const { name, plan } of loads) {
    if (plan.deadLetter === undefined) continue;
    const other = seen.get(plan.deadLetter);
    if (other !== undefined) {
      const what = `loads '${other}' and '${name}' have the same --dead-letter ${plan.deadLetter}`;
      throw new KloadError('usage', what, 'give each load a file of its own');
    }
    seen.set(plan.deadLetter, name);
  }
}

/** The name of its stream or topic; undefined: it has none. */
function streamOf({ target }: RunPlan): string | undefined {
  const { stream, topic, streamArn } = targetKind(target.kind).settings(target);
  const name = stream ?? topic ?? (typeof streamArn === 'string' ? streamArn.split('/').at(-1) : undefined);
  return typeof name === 'string' ? name : undefined;
}

function without(given: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !names.includes(name)));
}

function named<T>(label: string, plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof KloadError)) throw error;
    throw new KloadError(error.exit, `${label}: ${error.message}`, error.hint);
  }
}
