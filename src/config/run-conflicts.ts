import { KloadError } from '../core/errors.js';
import { KINESIS_LIMITS } from '../core/limits.js';
import { KAFKA_CONNECTION_OPTIONS } from './kafka-options.js';
import type { OptionSpec } from './option.js';
import { flagOf, isGiven } from './parse.js';
import { RUN_OPTIONS, type RunValues } from './run-options.js';

type Name = keyof typeof RUN_OPTIONS;

/** Options that make sense only for one kind of input or target: elsewhere they would be ignored, which is worse than refused. */
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
/** Those that Kinesis and the embedded emulator share. */
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

/** Pairs of which one makes the other meaningless, with the reason where it is not plain. */
const EXCLUSIVE = [
  ['rps', 'respectTiming'],
  ['partitionKey', 'partitionKeyField'],
  ['spread', 'explicitHashKeyField'],
  ['stream', 'streamArn'],
  ['stream', 'topic'],
  ['streamArn', 'topic'],
  ['checkpoint', 'loop', 'a loop is never finished, and reads its input too often to say what of it was sent'],
  ['checkpoint', 'duration', 'how long a run is has no meaning across an interruption: bound it by --count or --to'],
] as const satisfies readonly (readonly [Name, Name, string?])[];

/** The environment without the variables that a flag rules out: flags win, also over the variable of another option. */
export function withoutOverruled(env: NodeJS.ProcessEnv, given: Readonly<Record<string, unknown>>): NodeJS.ProcessEnv {
  const effective = { ...env };
  for (const [one, other] of EXCLUSIVE) {
    if (given[one] !== undefined && given[other] === undefined) delete effective[RUN_OPTIONS[other].env];
    if (given[other] !== undefined && given[one] === undefined) delete effective[RUN_OPTIONS[one].env];
  }
  return effective;
}

/**
 * The environment without the variables that this run has no use for: they are set for many runs, so that unlike a flag
 * they ask nothing of this one.
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

/** What is sent to: what was named, or what the other options mean. */
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

/** The options that a run would have to ignore. */
function unusedOptions(
  files: readonly string[],
  target: TargetKind,
  sasl: unknown,
  isSet: (name: Name) => boolean,
): readonly Unused[] {
  const unused: Unused[] = [];
  const add = (names: readonly Name[], why: string, hint: string) => unused.push({ names, why, hint });
  if (files.length === 0) add(FILE_OPTIONS, 'needs a file to read', "name one, or '-' for standard input");
  else add(GENERATED_OPTIONS, 'is for generated records', 'leave it out, or name no file');
  if (!isSet('checkpoint')) add(['checkpointInterval', 'resume'], 'needs --checkpoint', 'name the file with it');
  if (files.length === 0) {
    add(CHECKPOINT_OPTIONS, 'needs files to read: generated records are other ones each time', 'leave it out');
  }
  if (!isSet('respectTiming'))
    add(['speed', 'maxGap', 'reorderWindow'], 'needs --respect-timing', 'or set a rate with --rps');
  if (files.includes('-')) {
    add(['loop', ...CHECKPOINT_OPTIONS], 'cannot read standard input again', 'name a file instead');
  }
  if (target !== 'kinesis') {
    add(KINESIS_OPTIONS, `does not go with the ${target} target`, 'name a stream with --stream, and no other --target');
  }
  if (target === 'embedded') {
    const why = 'needs a stream that outlives the run, which the embedded one does not';
    add(CHECKPOINT_OPTIONS, why, 'name a stream with --stream: `kload emulate` has some, too');
  }
  if (target !== 'kafka') {
    add(KAFKA_OPTIONS, `does not go with the ${target} target`, 'to send to Kafka, name --brokers and --topic');
  } else add(SHARD_OPTIONS, 'does not go with the kafka target', 'leave it out');
  if (target === 'embedded') add(['profile'], 'does not go with the embedded target', 'leave it out');
  if (target === 'null')
    add(['region', 'profile', 'spread', 'wire'], 'does not go with the null target', 'leave it out');
  if (target === 'kafka' && sasl !== 'aws-msk-iam') {
    add(['region', 'profile'], 'is for Kafka only with --sasl aws-msk-iam', 'leave it out');
  }
  if (target !== 'embedded') add(EMBEDDED_OPTIONS, 'is for the embedded stream', 'leave it out, or name no stream');
  return unused;
}

/** Throws a KloadError (usage) for options that contradict each other, or that this run would have to ignore. */
export function checkRunOptions(values: RunValues, files: readonly string[], given: (name: Name) => boolean): void {
  const flag = (name: Name) => flagOf(RUN_OPTIONS[name]);
  for (const [one, other, why] of EXCLUSIVE) {
    if (given(one) && given(other)) {
      const reason = `${flag(one)} and ${flag(other)} exclude each other${why === undefined ? '' : `: ${why}`}`;
      throw new KloadError('usage', reason, 'pass only one of them');
    }
  }
  const keyField = (['partitionKeyField', 'explicitHashKeyField', 'headersField'] as const).find(
    (name) => values[name] !== undefined,
  );
  if (values.unwrap === 'kinesis' && keyField !== undefined) {
    const reason = `--unwrap kinesis takes what the calls hold: ${flag(keyField)} says nothing`;
    throw new KloadError('usage', reason, 'leave it out');
  }
  const target = targetKind(values.target, given);
  for (const { names, why, hint } of unusedOptions(files, target, values.sasl, given)) {
    const name = names.find(given);
    if (name !== undefined) throw new KloadError('usage', `${flag(name)} ${why}`, hint);
  }
  if (target !== 'kafka' && (values.batchSize ?? 0) > KINESIS_LIMITS.batchRecordsMax) {
    const reason = `--batch-size takes at most ${KINESIS_LIMITS.batchRecordsMax} for Kinesis, not ${values.batchSize}`;
    throw new KloadError('usage', reason, 'a request of PutRecords holds no more');
  }
  if (values.idempotent && values.acks !== 'all') {
    throw new KloadError('usage', `--idempotent needs --acks all, not ${values.acks}`, 'leave one of them out');
  }
  const { from, to } = values;
  // One counted from the recording's first record and one that is not meet only where that is known.
  const comparable = to?.sinceFirst === (from?.sinceFirst ?? true);
  if (to !== undefined && comparable && to.ms <= (from?.ms ?? 0)) {
    throw new KloadError(
      'usage',
      `--to does not lie after ${from === undefined ? "the recording's first record" : '--from'}`,
      'no record would be left',
    );
  }
  for (const file of values.report) {
    if (!/\.(json|hgrm)$/.test(file)) {
      throw new KloadError('usage', `--report ${file}: the ending says what is written`, 'end it in .json or .hgrm');
    }
  }
}
