import { KloadError } from '../core/errors.js';
import { regionOfArn } from './arn.js';
import { KAFKA_CONNECTION_OPTIONS } from './kafka-options.js';
import { type KafkaPlan, planKafkaConnection } from './kafka-plan.js';
import { flagOf, parseOptions, readText } from './parse.js';
import { RECORD_OPTIONS, type ReadingValues, type RecordFormat, TAIL_OPTIONS } from './tail-options.js';
import { parseMoment, streamArn, streamName } from './values.js';

export type TailFrom =
  | { readonly kind: 'latest' }
  | { readonly kind: 'trim-horizon' }
  /** Epoch milliseconds. */
  | { readonly kind: 'time'; readonly atMs: number }
  /** For Kafka, an offset. */
  | { readonly kind: 'sequence-number'; readonly sequenceNumber: string };

/** A Kinesis stream, and how to read it. */
export interface StreamPlan {
  readonly stream: { readonly StreamName: string } | { readonly StreamARN: string };
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly endpoint: string | undefined;
  /** The enhanced fan-out consumer: a name, or '' for one made for this run. Undefined: polling. */
  readonly fanOut: string | undefined;
}

/** A planned tail: every option has a value, and none contradicts another. */
export interface TailPlan {
  readonly command: 'tail' | 'record';
  readonly source: ({ readonly kind: 'kinesis' } & StreamPlan) | ({ readonly kind: 'kafka' } & KafkaPlan);
  readonly targetTimeoutMs: number;
  readonly from: TailFrom;
  /** The position as shown to the user. */
  readonly fromText: string;
  /** Full shard IDs or partition numbers. Empty: all of them. */
  readonly shards: readonly string[];
  readonly follow: boolean;
  readonly count: number | undefined;
  readonly durationMs: number | undefined;
  /** Epoch milliseconds. Records that arrived at this time or later are left out. */
  readonly untilMs: number | undefined;
  readonly format: RecordFormat;
  /** Undefined: standard output. */
  readonly output: string | undefined;
  /** Whether an existing output file may be overwritten. */
  readonly overwrites: boolean;
  readonly quiet: boolean;
}

export type TailCommand = TailPlan['command'];
type Given = Readonly<Record<string, unknown>>;

/**
 * Plans a tail or a recording from the given options. Throws a KloadError (usage) for values that are invalid, alone or
 * together.
 *
 * @param stream name or ARN of the stream. Undefined: a topic is read
 * @param nowMs  the current time, epoch milliseconds, which relative times count from
 */
export function planTail(
  command: TailCommand,
  stream: string | undefined,
  given: Given,
  env: NodeJS.ProcessEnv,
  nowMs: number,
): TailPlan {
  return command === 'tail' ? planOutput(stream, given, env, nowMs) : planRecording(stream, given, env, nowMs);
}

function planOutput(stream: string | undefined, given: Given, env: NodeJS.ProcessEnv, nowMs: number): TailPlan {
  const values = parseOptions(TAIL_OPTIONS, given, env);
  const { output, quiet } = values;
  const format = values.format ?? (/\.(ndjson|jsonl)(\.gz)?$/.test(output ?? '') ? 'ndjson' : 'text');
  const reading = planReading('tail', stream, values, given, env, nowMs);
  return { command: 'tail', ...reading, format, output, overwrites: true, quiet };
}

function planRecording(stream: string | undefined, given: Given, env: NodeJS.ProcessEnv, nowMs: number): TailPlan {
  const values = parseOptions(RECORD_OPTIONS, given, env);
  const reading = planReading('record', stream, values, given, env, nowMs);
  const { source } = reading;
  const name = source.kind === 'kafka' ? source.topic : stream?.split('/').at(-1);
  const output = values.output ?? `${name}.ndjson`;
  return { command: 'record', ...reading, format: 'ndjson', output, overwrites: values.force, quiet: values.quiet };
}

type Reading = Omit<TailPlan, 'command' | 'format' | 'output' | 'overwrites' | 'quiet'>;

function planReading(
  command: TailCommand,
  stream: string | undefined,
  values: ReadingValues,
  given: Given,
  env: NodeJS.ProcessEnv,
  nowMs: number,
): Reading {
  const source = sourceOf(command, stream, values, given, env);
  const isKafka = source.kind === 'kafka';
  const shards = [...new Set(isKafka ? values.partition.map(partitionOf) : values.shard.map(shardIdOf))];
  const fromText = values.from ?? (values.follow && values.until === undefined ? 'latest' : 'trim-horizon');
  const from = fromOf(fromText, shards, isKafka, nowMs);
  const untilMs = values.until === undefined ? undefined : momentOf('--until', values.until, nowMs);
  checkRange(values, from, untilMs);
  const { targetTimeout: targetTimeoutMs, follow, count, duration: durationMs } = values;
  return { source, targetTimeoutMs, from, fromText, shards, follow, count, durationMs, untilMs };
}

type Name = keyof ReadingValues;
const OF_STREAMS: readonly Name[] = ['shard', 'fanOut', 'endpointUrl'];
const OF_AWS: readonly Name[] = ['region', 'profile'];
const OF_TOPICS: readonly Name[] = ['partition', ...(Object.keys(KAFKA_CONNECTION_OPTIONS) as Name[])];

/** A stream given as an argument wins over a topic from the environment. */
function sourceOf(
  command: TailCommand,
  stream: string | undefined,
  values: ReadingValues,
  given: Given,
  env: NodeJS.ProcessEnv,
): TailPlan['source'] {
  const { region, profile, endpointUrl: endpoint, fanOut, topic, sasl } = values;
  if (stream !== undefined) {
    const other = OF_TOPICS.find((name) => given[name] !== undefined);
    if (other !== undefined)
      throw misplaced(other, 'is for Kafka, but a Kinesis stream is named', 'leave one of them out');
    const isArn = stream.startsWith('arn:');
    readText(isArn ? streamArn : streamName, 'STREAM', stream);
    return {
      kind: 'kinesis',
      stream: isArn ? { StreamARN: stream } : { StreamName: stream },
      region: region ?? (isArn ? regionOfArn(stream) : undefined),
      ...{ profile, endpoint, fanOut },
    };
  }
  if (topic === undefined) {
    const hint = `kload ${command} STREAM, or kload ${command} --topic NAME --brokers host:9092`;
    throw new KloadError('usage', 'no stream or topic to read', hint);
  }
  const ofKinesis = sasl === 'aws-msk-iam' ? OF_STREAMS : [...OF_STREAMS, ...OF_AWS];
  const other = ofKinesis.find((name) => given[name] !== undefined);
  if (other !== undefined) throw misplaced(other, 'cannot be used with a Kafka topic', 'leave it out');
  return { kind: 'kafka', ...planKafkaConnection(values, given, env) };
}

function misplaced(name: keyof typeof TAIL_OPTIONS, what: string, hint: string): KloadError {
  return new KloadError('usage', `${flagOf(TAIL_OPTIONS[name])} ${what}`, hint);
}

function fromOf(text: string, shards: readonly string[], isKafka: boolean, nowMs: number): TailFrom {
  const name = text.toLowerCase().replaceAll('_', '-');
  if (name === 'earliest') return { kind: 'trim-horizon' };
  if (name === 'latest' || name === 'trim-horizon') return { kind: name };
  if (/^\d+$/.test(text)) {
    if (shards.length === 1) return { kind: 'sequence-number', sequenceNumber: text };
    const [place, flag] = isKafka ? ['an offset', '--partition N'] : ['a sequence number', '--shard ID'];
    throw new KloadError(
      'usage',
      `--from with ${place} needs one ${flag.split(' ')[0]}`,
      `${place} is a position in one ${isKafka ? 'partition' : 'shard'}: add ${flag}`,
    );
  }
  const atMs = momentOf('--from', text, nowMs);
  if (atMs <= nowMs) return { kind: 'time', atMs };
  throw new KloadError('usage', `--from ${text} is in the future`, 'leave it out to start from now');
}

function momentOf(flag: string, text: string, nowMs: number): number {
  const moment = parseMoment(text)?.(nowMs);
  if (moment !== undefined) return moment;
  const names = flag === '--from' ? 'latest, trim-horizon, ' : '';
  throw new KloadError(
    'usage',
    `${flag} takes ${names}a time with an offset (2026-01-02T03:04:05Z) or how long ago (-5m, -2h, -1d), not '${text}'`,
  );
}

/** Throws for a tail that could never read a record. */
function checkRange({ from: given, follow, until }: ReadingValues, from: TailFrom, untilMs: number | undefined): void {
  if (from.kind === 'latest' && !follow) {
    throw new KloadError('usage', '--no-follow has nothing to read from latest', 'start earlier, such as --from -5m');
  }
  if (from.kind === 'time' && untilMs !== undefined && untilMs <= from.atMs) {
    throw new KloadError('usage', `--until ${until} must be after --from ${given}`);
  }
}

/** The full ID of a shard, also from its number, which is how kload shows it. */
function shardIdOf(text: string): string {
  if (/^\d{1,12}$/.test(text)) return `shardId-${text.padStart(12, '0')}`;
  if (/^[a-zA-Z0-9_.-]{1,128}$/.test(text)) return text;
  throw new KloadError('usage', `--shard takes a shard ID (shardId-000000000003, or 3), not '${text}'`);
}

function partitionOf(text: string): string {
  if (/^\d{1,9}$/.test(text)) return String(Number(text));
  throw new KloadError('usage', `--partition takes a partition number, not '${text}'`);
}
