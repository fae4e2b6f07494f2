import { KloadError } from '../core/errors.js';
import { flagOf } from './parse.js';
import { RUN_OPTIONS, type RunValues } from './run-options.js';

type Name = keyof typeof RUN_OPTIONS;

/** Options that make sense only for one kind of input or target: elsewhere they would be ignored, which is worse than refused. */
const FILE_OPTIONS: readonly Name[] = [
  'format',
  'dataField',
  'timestampField',
  'partitionKeyField',
  'header',
  'loop',
  'respectTiming',
];
const GENERATED_OPTIONS: readonly Name[] = ['recordSize', 'keys'];
const KINESIS_OPTIONS: readonly Name[] = ['stream', 'streamArn', 'profile', 'endpointUrl'];
const EMBEDDED_OPTIONS: readonly Name[] = ['shards', 'limits'];

/** Pairs of which one makes the other meaningless. */
const EXCLUSIVE = [
  ['rps', 'respectTiming'],
  ['partitionKey', 'partitionKeyField'],
  ['stream', 'streamArn'],
] as const satisfies readonly (readonly [Name, Name])[];

/** The environment without the variables that a flag rules out: flags win, also over the variable of another option. */
export function withoutOverruled(env: NodeJS.ProcessEnv, given: Readonly<Record<string, unknown>>): NodeJS.ProcessEnv {
  const effective = { ...env };
  for (const [one, other] of EXCLUSIVE) {
    if (given[one] !== undefined && given[other] === undefined) delete effective[RUN_OPTIONS[other].env];
    if (given[other] !== undefined && given[one] === undefined) delete effective[RUN_OPTIONS[one].env];
  }
  return effective;
}

/** Throws a KloadError (usage) for options that contradict each other, or that this run would have to ignore. */
export function checkRunOptions(values: RunValues, files: readonly string[], given: (name: Name) => boolean): void {
  const flag = (name: Name) => flagOf(RUN_OPTIONS[name]);
  const refuse = (names: readonly Name[], why: string, hint: string) => {
    const name = names.find(given);
    if (name !== undefined) throw new KloadError('usage', `${flag(name)} ${why}`, hint);
  };
  for (const [one, other] of EXCLUSIVE) {
    if (given(one) && given(other)) {
      throw new KloadError('usage', `${flag(one)} and ${flag(other)} exclude each other`, 'pass only one of them');
    }
  }
  if (files.length === 0) refuse(FILE_OPTIONS, 'needs a file to read', "name one, or '-' for standard input");
  else refuse(GENERATED_OPTIONS, 'is for generated records', 'leave it out, or name no file');
  if (given('speed') && !values.respectTiming) refuse(['speed'], 'needs --respect-timing', 'or set a rate with --rps');
  if (values.loop && files.includes('-')) refuse(['loop'], 'cannot read standard input again', 'name a file instead');

  const toStream = given('stream') || given('streamArn');
  const kind = values.target ?? (toStream ? 'kinesis' : 'embedded');
  if (kind !== 'kinesis') {
    refuse(
      KINESIS_OPTIONS,
      `does not go with the ${kind} target`,
      'name a stream with --stream, and no other --target',
    );
  }
  if (kind === 'null') refuse(['region'], 'does not go with the null target', 'leave it out');
  if (kind !== 'embedded') refuse(EMBEDDED_OPTIONS, 'is for the embedded stream', 'leave it out, or name no stream');
  for (const file of values.report) {
    if (!/\.(json|hgrm)$/.test(file)) {
      throw new KloadError('usage', `--report ${file}: the ending says what is written`, 'end it in .json or .hgrm');
    }
  }
}
