import { KloadError } from '../core/errors.js';
import { KINESIS_LIMITS } from '../core/limits.js';
import { KAFKA_CONNECTION_OPTIONS } from './kafka-options.js';
import type { OptionSpec } from './option.js';
import { flagOf, isGiven } from './parse.js';
import { RUN_OPTIONS, type RunValues } from './run-options.js';

type Name = keyof typeof RUN_OPTIONS;

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
const GENERATED_OPTIONS: readonly Name[] = ['recordSize', 'keys'];
const KINESIS_OPTIONS: readonly Name[] = ['stream', 'streamArn', 'endpointUrl'];
/** Options of both Kinesis and the embedded emulator. */
const SHARD_OPTIONS: readonly Name[] = ['spread', 'explicitHashKeyField', 'wire'];
const KAFKA_OPTIONS: readonly Name[] = [
  ...(Object.keys(KAFKA_CONNECTION_OPTIONS) as (keyof typeof KAFKA_CONNECTION_OPTIONS)[]),
  'headersField',
  'acks',
  'compression',
  'idempotent',
];
const EMBEDDED_OPTIONS: readonly Name[] = ['shards', 'limits'];

const CHECKPOINT_OPTIONS: readonly Name[] = ['checkpoint', 'checkpointInterval', 'resume'];

/** Pairs of options that cannot be used together, with a reason if it is not obvious. */
const EXCLUSIVE = [
  ['rps', 'respectTiming'],
  ['partitionKey', 'partitionKeyField'],
  ['spread', 'explicitHashKeyField'],
  ['stream', 'streamArn'],
  ['stream', 'topic'],
  ['streamArn', 'topic'],
  ['checkpoint', 'loop', 'a loop never finishes, and reads its input too often to track what was sent'],
  ['checkpoint', 'duration', 'a duration has no meaning across an interruption; use --count or --to'],
] as const satisfies readonly (readonly [Name, Name, string?])[];

/** The environment without variables that conflict with a flag: flags also win over variables of other options. */
export function withoutOverruled(env: NodeJS.ProcessEnv, given: Readonly<Record<string, unknown>>): NodeJS.ProcessEnv {
  const effective = { ...env };
  for (const [one, other] of EXCLUSIVE) {
    if (given[one] !== undefined && given[other] === undefined) delete effective[RUN_OPTIONS[other].env];
    if (given[other] !== undefined && given[one] === undefined) delete effective[RUN_OPTIONS[one].env];
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
  const isSet = (name: Name) => isGiven(RUN_OPTIONS[name], given[name], env);
  const named = given.target ?? env[RUN_OPTIONS.target.env];
  const target = targetKind((named || undefined) as RunValues['target'], isSet);
  const effective = { ...env };
  for (const name of unusedOptions(files, target, given.sasl ?? env[RUN_OPTIONS.sasl.env], isSet).flatMap(
    ({ names }) => names,
  )) {
    const spec: OptionSpec = RUN_OPTIONS[name];
    if (spec.env !== undefined) delete effective[spec.env];
  }
  return effective;
}

type TargetKind = NonNullable<RunValues['target']>;

/** The kind of target: the one named, or the one that the other options imply. */
export function targetKind(
  named: RunValues['target'],
  isSet: (name: 'stream' | 'streamArn' | 'topic') => boolean,
): TargetKind {
  if (named !== undefined) return named;
  if (isSet('stream') || isSet('streamArn')) return 'kinesis';
  return isSet('topic') ? 'kafka' : 'embedded';
}

interface Unused {
  readonly names: readonly Name[];
  readonly why: string;
  readonly hint: string;
}

/** The options that would have no effect on a run. */
function unusedOptions(
  files: readonly string[],
  target: TargetKind,
  sasl: unknown,
  isSet: (name: Name) => boolean,
): readonly Unused[] {
  const unused: Unused[] = [];
  const add = (names: readonly Name[], why: string, hint: string) => unused.push({ names, why, hint });
  if (files.length === 0) add(FILE_OPTIONS, 'needs a file to read', "name one, or '-' for standard input");
  else add(GENERATED_OPTIONS, 'applies only to generated records', 'leave it out, or name no file');
  if (!isSet('checkpoint')) add(['checkpointInterval', 'resume'], 'needs --checkpoint', 'add --checkpoint FILE');
  if (files.length === 0) {
    add(CHECKPOINT_OPTIONS, 'needs files to read: generated records differ each time', 'leave it out');
  }
  if (!isSet('respectTiming'))
    add(['speed', 'maxGap', 'reorderWindow'], 'needs --respect-timing', 'add it, or set a rate with --rps');
  if (files.includes('-')) {
    add(['loop', ...CHECKPOINT_OPTIONS], 'cannot read standard input twice', 'name a file instead');
  }
  if (target !== 'kinesis') {
    add(
      KINESIS_OPTIONS,
      `cannot be used with the ${target} target`,
      'name a stream with --stream, and leave out --target',
    );
  }
  if (target === 'embedded') {
    const why = 'needs a stream that outlives the run; the embedded one does not';
    add(CHECKPOINT_OPTIONS, why, 'name a stream with --stream, such as one of `kload emulate`');
  }
  if (target !== 'kafka') {
    add(KAFKA_OPTIONS, `cannot be used with the ${target} target`, 'to send to Kafka, pass --brokers and --topic');
  } else add(SHARD_OPTIONS, 'cannot be used with the kafka target', 'leave it out');
  if (target === 'embedded') add(['profile'], 'cannot be used with the embedded target', 'leave it out');
  if (target === 'null')
    add(['region', 'profile', 'spread', 'wire'], 'cannot be used with the null target', 'leave it out');
  if (target === 'kafka' && sasl !== 'aws-msk-iam') {
    add(['region', 'profile'], 'applies to Kafka only with --sasl aws-msk-iam', 'leave it out');
  }
  if (target !== 'embedded')
    add(EMBEDDED_OPTIONS, 'applies only to the embedded stream', 'leave it out, or name no stream');
  return unused;
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
  const target = targetKind(values.target, given);
  for (const { names, why, hint } of unusedOptions(files, target, values.sasl, given)) {
    const name = names.find(given);
    if (name !== undefined) throw new KloadError('usage', `${flag(name)} ${why}`, hint);
  }
  if (target !== 'kafka' && (values.batchSize ?? 0) > KINESIS_LIMITS.batchRecordsMax) {
    const reason = `--batch-size takes at most ${KINESIS_LIMITS.batchRecordsMax} for Kinesis, not ${values.batchSize}`;
    throw new KloadError('usage', reason, 'PutRecords accepts no more per request');
  }
  if (values.idempotent && values.acks !== 'all') {
    throw new KloadError('usage', `--idempotent needs --acks all, not ${values.acks}`, 'leave one of them out');
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
  for (const file of values.report) {
    if (!/\.(json|hgrm)$/.test(file)) {
      throw new KloadError('usage', `--report ${file}: unknown format`, 'use a file name that ends in .json or .hgrm');
    }
  }
}
