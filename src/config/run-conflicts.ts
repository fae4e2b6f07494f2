import { KloadError } from '../core/errors.js';
import { flagOf, type OptionSpec } from '../options/option.js';
import { isGiven, parseOptions } from '../options/parse.js';
import type { ArrivalChoice } from '../options/stages.js';
import { rendererOf } from '../output/renderers.js';
import type { GivenOptions, TargetKind, UnusedOptions } from '../target/kind.js';
import {
  DEFAULT_TARGET_KIND,
  TARGET_KINDS,
  type TargetKindName,
  targetKind,
  targetKindNames,
} from '../target/kinds.js';
import type { ConfigFile } from './config-file.js';
import { notOverridden } from './layers.js';
import { RUN_OPTIONS, type RunValues } from './run-options.js';

export type RunOption = keyof typeof RUN_OPTIONS;
type Name = RunOption;
type Given = Readonly<Record<string, unknown>>;

/** Options for one kind of input or target. Elsewhere they are refused: ignoring them would hide a mistake. */
const FILE_OPTIONS: readonly Name[] = [
  'format',
  'delimiter',
  'dataField',
  'dataEncoding',
  'unwrap',
  'timestampField',
  'timestampFormat',
  'timestampZone',
  'partitionKeyField',
  'explicitHashKeyField',
  'headersField',
  'header',
  'from',
  'to',
  'loop',
  'respectTiming',
  'speed',
  'maxGap',
  'reorderWindow',
];
const SCHEMA_OPTIONS: readonly Name[] = ['encode', 'schemaId', 'glueSchemaVersion'];
export const GENERATED_OPTIONS: readonly Name[] = [
  ...(['recordSize', 'keys', 'keyDistribution', 'hotShard', 'template', 'schema'] as const),
  ...SCHEMA_OPTIONS,
];
const RATE_OPTIONS: readonly Name[] = ['rps', 'stages', 'rateFile', 'bytesPerSecond'];
const CHECKPOINT_OPTIONS: readonly Name[] = ['checkpoint', 'checkpointInterval', 'resume'];
const PART_OPTIONS: readonly Name[] = ['partBy', 'barrier', 'barrierDir', 'barrierTimeout'];

/** Pairs of options that cannot be used together, with a reason if it is not obvious. */
const EXCLUSIVE: readonly (readonly [Name, Name, string?])[] = [
  ...pairsOf(['rps', 'respectTiming', 'stages', 'rateFile', 'bytesPerSecond']),
  ['partitionKey', 'partitionKeyField'],
  ['spread', 'explicitHashKeyField'],
  ['hotShard', 'spread'],
  ['hotShard', 'partitionKey'],
  ['recordSize', 'schema', 'the schema decides which fields a record has, and padding is not one of them'],
  ['schemaId', 'glueSchemaVersion'],
  ['checkpoint', 'loop', 'a loop never finishes, and reads its input too often to track what was sent'],
  ['checkpoint', 'duration', 'a duration has no meaning across an interruption; use --count or --to'],
  ['dryRun', 'resume', 'a dry run shows the start of the input'],
  ...pairsOf(['startAt', 'barrier', 'barrierDir']),
  ...exclusiveOfKinds(),
];

/** Each of them with each other one. */
function pairsOf(names: readonly Name[]): (readonly [Name, Name])[] {
  return names.flatMap((one, index) => names.slice(index + 1).map((other) => [one, other] as const));
}

/** The pairs that each kind names, and all pairs of options that select different kinds. */
function exclusiveOfKinds(): (readonly [Name, Name])[] {
  const kinds: readonly TargetKind[] = Object.values(TARGET_KINDS);
  const own = kinds.flatMap(({ exclusive }) => exclusive);
  const selecting = kinds.flatMap((one, index) =>
    kinds
      .slice(index + 1)
      .flatMap((other) => one.selectedBy.flatMap((a) => other.selectedBy.map((b) => [a, b] as const))),
  );
  return [...own, ...selecting] as (readonly [Name, Name])[];
}

/** The environment without variables that conflict with a flag: flags also win over variables of other options. */
export function withoutOverruled(env: NodeJS.ProcessEnv, given: Readonly<Record<string, unknown>>): NodeJS.ProcessEnv {
  const effective = { ...env };
  for (const [one, other] of EXCLUSIVE) {
    if (given[one] !== undefined && given[other] === undefined) delete effective[envOf(other)];
    if (given[other] !== undefined && given[one] === undefined) delete effective[envOf(one)];
  }
  return effective;
}

/**
 * The environment without variables that have no effect on this run. Unlike a flag, a variable is set for many runs, so
 * it is not an error if this run does not use it.
 */
export function withoutUnused(
  env: NodeJS.ProcessEnv,
  given: Readonly<Record<string, unknown>>,
  files: readonly string[],
): NodeJS.ProcessEnv {
  const effective = { ...env };
  for (const name of unusedNames(given, env, files)) delete effective[envOf(name as Name)];
  return effective;
}

/**
 * The options of a `--config` file that apply to this run. Flags and variables win over those that they exclude, and
 * may leave others without an effect. An option that would have none even if the file were alone stays, and is refused.
 */
export function usedOfFile(
  flags: Given,
  env: NodeJS.ProcessEnv,
  file: ConfigFile,
  files: readonly string[],
): Record<string, unknown> {
  const used: Record<string, unknown> = { ...notOverridden(RUN_OPTIONS, flags, env, file) };
  const isSetOutside = (name: Name) => isGiven(RUN_OPTIONS[name], flags[name], env);
  for (const [one, other] of EXCLUSIVE) {
    if (isSetOutside(one)) delete used[other];
    if (isSetOutside(other)) delete used[one];
  }
  const unusedAlone = new Set(unusedNames(file.given, {}, files));
  for (;;) {
    const unused = unusedNames({ ...used, ...flags }, env, files);
    const dropped = unused.filter((name) => used[name] !== undefined && !unusedAlone.has(name));
    if (dropped.length === 0) return used;
    for (const name of dropped) delete used[name];
  }
}

/** The options without an effect on this run, whether they are given or not. */
export function unusedNames(given: Given, env: NodeJS.ProcessEnv, files: readonly string[]): string[] {
  const isSet = (name: Name) => isGiven(RUN_OPTIONS[name], given[name], env);
  const text = (name: Name) => given[name] ?? env[envOf(name)];
  const { target: named } = parseOptions({ target: RUN_OPTIONS.target }, given, env);
  const options = { isSet, text } as GivenOptions;
  return unusedOptions(files, kindNameOf(named, isSet), options).flatMap(({ names }) => names);
}

/** The option's environment variable; '' if it has none. */
function envOf(name: Name): string {
  const { env = '' }: OptionSpec = RUN_OPTIONS[name];
  return env;
}

/** The kind of target: the one named, or the one that the other options select. */
export function kindNameOf(named: RunValues['target'], isSet: (name: Name) => boolean): TargetKindName {
  if (named !== undefined) return named;
  const selected = targetKindNames().find((name) =>
    targetKind(name).selectedBy.some((option) => isSet(option as Name)),
  );
  return selected ?? DEFAULT_TARGET_KIND;
}

/** The options that would have no effect on a run. */
function unusedOptions(
  files: readonly string[],
  target: TargetKindName,
  given: GivenOptions,
): readonly UnusedOptions[] {
  return [...unusedByInput(files, given), ...unusedByTarget(target, given)];
}

function unusedByInput(files: readonly string[], { isSet, text }: GivenOptions): readonly UnusedOptions[] {
  const unused: UnusedOptions[] = [];
  const add = (names: readonly Name[], why: string, hint: string) => unused.push({ names, why, hint });
  if (files.length === 0) add(FILE_OPTIONS, 'needs a file to read', "name one, or '-' for standard input");
  else add(GENERATED_OPTIONS, 'applies only to generated records', 'leave it out, or name no file');
  if (!isSet('schema')) add(SCHEMA_OPTIONS, 'needs --schema', 'add --schema FILE.avsc, or leave it out');
  if (!isSet('encode')) add(['schema'], 'needs --encode', 'add --encode avro');
  if (!isSet('checkpoint')) add(['checkpointInterval', 'resume'], 'needs --checkpoint', 'add --checkpoint FILE');
  if (files.length === 0 && !isSet('count')) {
    add(CHECKPOINT_OPTIONS, 'needs --count for generated records, which have no end', 'add --count N');
  }
  if (!isSet('metricsListen')) add(['metricsLinger'], 'needs --metrics-listen', 'add --metrics-listen HOST:PORT');
  if (!isSet('respectTiming'))
    add(['speed', 'maxGap', 'reorderWindow'], 'needs --respect-timing', 'leave it out, or add --respect-timing');
  if (!RATE_OPTIONS.some(isSet)) {
    add(['arrival'], 'needs a target rate', 'leave it out, or add --rps, --stages, --rate-file or --bytes-per-second');
  }
  // The text of a variable or flag, or what it was read as.
  const how = text('arrival') as string | ArrivalChoice | undefined;
  const isRandom = (typeof how === 'string' ? how : how?.kind) === 'poisson';
  if (files.length > 0 && !isRandom) {
    add(['seed'], 'applies only to generated records and to --arrival poisson', 'leave it out');
  }
  if (!isSet('part')) add(PART_OPTIONS, 'needs --part', 'add --part, such as --part 2/8');
  else if (!isSet('barrier') && !isSet('barrierDir')) {
    add(['barrierTimeout'], 'needs --barrier or --barrier-dir', 'leave it out, or add one of them');
  }
  if (files.includes('-')) {
    add(['loop', ...CHECKPOINT_OPTIONS], 'cannot read standard input twice', 'name a file instead');
  }
  return unused;
}

function unusedByTarget(target: TargetKindName, given: GivenOptions): readonly UnusedOptions[] {
  const kind = targetKind(target);
  const why = `cannot be used with the ${target} target`;
  const taken = new Set([...Object.keys(kind.options), ...kind.sharedOptions(given)]);
  const ofOthers = targetKindNames().map((name) => ({
    names: Object.keys(targetKind(name).options).filter((option) => !taken.has(option)),
    why,
    hint: targetKind(name).selectHint,
  }));
  const ofRecords =
    kind.record.attributes === 'headers'
      ? { names: ['spread', 'explicitHashKeyField'], why, hint: 'leave it out' }
      : { names: ['headersField'], why, hint: 'headers are for a topic of Kafka: leave it out' };
  return [...kind.unusedOptions(given), ...ofOthers, ofRecords];
}

/** Throws a KloadError (usage) for options that contradict each other or would have no effect on this run. */
export function checkRunOptions(values: RunValues, files: readonly string[], given: (name: Name) => boolean): void {
  const flag = (name: Name) => flagOf(RUN_OPTIONS[name]);
  for (const [one, other, why] of EXCLUSIVE) {
    if (given(one) && given(other)) {
      const reason = `${flag(one)} and ${flag(other)} cannot be used together${why === undefined ? '' : `: ${why}`}`;
      throw new KloadError('usage', reason, 'pass only one of them');
    }
  }
  const keyField = (['partitionKeyField', 'explicitHashKeyField', 'headersField'] as const).find(
    (name) => values[name] !== undefined,
  );
  if (values.unwrap === 'kinesis' && keyField !== undefined) {
    const reason = `--unwrap kinesis takes keys from the captured calls: ${flag(keyField)} has no effect`;
    throw new KloadError('usage', reason, 'leave it out');
  }
  const target = kindNameOf(values.target, given);
  const options = { isSet: given, text: (name: Name) => values[name] } as GivenOptions;
  for (const { names, why, hint } of unusedOptions(files, target, options)) {
    const name = (names as readonly Name[]).find(given);
    if (name !== undefined) throw new KloadError('usage', `${flag(name)} ${why}`, hint);
  }
  const { max } = targetKind(target).batchRecords;
  if ((values.batchSize ?? 0) > max) {
    const reason = `--batch-size takes at most ${max} for the ${target} target, not ${values.batchSize}`;
    throw new KloadError('usage', reason, 'a batch can hold no more');
  }
  const { from, to } = values;
  // A time since the first record and an absolute time can be compared only once the first record has been read.
  const comparable = to?.sinceFirst === (from?.sinceFirst ?? true);
  if (to !== undefined && comparable && to.ms <= (from?.ms ?? 0)) {
    throw new KloadError(
      'usage',
      `--to must be after ${from === undefined ? "the recording's first record" : '--from'}`,
      'no records would be left',
    );
  }
  for (const file of values.report) rendererOf(file);
  if (values.part !== undefined && values.partBy !== 'key') checkPartBy(values, values.partBy, files, given);
}

/** What a part cannot know if it reads only some of the input. */
function checkPartBy(values: RunValues, by: 'file', files: readonly string[], given: (name: Name) => boolean): void {
  const refuse = (what: string, why: string): never => {
    throw new KloadError('usage', `--part-by ${by} cannot be used with ${what}: ${why}`, 'use --part-by key');
  };
  if (files.length === 0) refuse('generated records', 'there are no files to share out');
  if (files.includes('-')) refuse('standard input', 'it cannot be shared out');
  if (given('count')) refuse('--count', 'a part cannot know how many records the other parts have');
  if (given('loop')) refuse('--loop', 'parts come to the end of their records at different times');
  if (given('maxGap')) refuse('--max-gap', 'a gap in the records of a part may be none in the recording');
  const isRelative = [values.from, values.to].some((moment) => moment?.sinceFirst);
  if (isRelative) refuse('a time since the first record', 'a part may not have that record; give a time of day');
}
