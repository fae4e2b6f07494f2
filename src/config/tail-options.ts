import { CONNECTION_OPTIONS } from './connection-options.js';
import { KAFKA_CONNECTION_OPTIONS } from './kafka-options.js';
import type { OptionTable } from './option.js';
import type { OptionValues } from './parse.js';
import { consumerName, oneOf, someDuration, text, whole } from './values.js';

/** What of a stream or a topic is read, up to where, and how it is reached. */
const READING_OPTIONS = {
  from: {
    flags: '--from <position>',
    group: 'Reading',
    help: 'latest, trim-horizon or earliest (the oldest record), a time (2026-01-02T03:04:05Z), how long ago (-5m, -2h, -1d), or, with one --shard, a sequence number, with one --partition an offset',
    defaultText: 'latest; with --no-follow or --until: trim-horizon',
    schema: text,
  },
  shard: {
    flags: '--shard <id>',
    group: 'Reading',
    repeatable: true,
    help: 'read this shard alone (shardId-000000000003, or 3), and not what it is split or merged into',
  },
  partition: {
    flags: '--partition <number>',
    group: 'Reading',
    repeatable: true,
    help: 'read this partition of the topic alone',
  },
  fanOut: {
    flags: '--fan-out [consumer]',
    group: 'Reading',
    help: 'have records pushed to this enhanced fan-out consumer, with a throughput of its own; one that is not there is registered, and deregistered at the end',
    defaultText: 'polling with GetRecords; without a name: a consumer for this run',
    bare: '',
    schema: consumerName,
  },
  follow: {
    flags: '--no-follow',
    group: 'End',
    help: 'end when all that the stream or the topic holds was read',
    default: true,
    defaultText: 'new records are waited for',
  },
  count: {
    flags: '--count <n>',
    group: 'End',
    help: 'end after this many records',
    schema: whole(1),
  },
  duration: {
    flags: '--duration <time>',
    group: 'End',
    help: 'end after this time (30s, 5m, 1h30m)',
    schema: someDuration,
  },
  until: {
    flags: '--until <time>',
    group: 'End',
    help: 'end with the records that arrived (Kafka: have a timestamp) before this time, given as for --from',
    schema: text,
  },
  ...CONNECTION_OPTIONS,
  targetTimeout: {
    flags: '--target-timeout <time>',
    group: 'Target',
    help: 'end when nothing has responded for this long, or the stream is not ACTIVE within it',
    default: '30s',
    env: 'KLOAD_TARGET_TIMEOUT',
    schema: someDuration,
  },
  ...KAFKA_CONNECTION_OPTIONS,
} as const satisfies OptionTable;

const QUIET = {
  flags: '--quiet',
  group: 'Output',
  help: 'say nothing on standard error but what went wrong',
} as const;

/** The options of `kload tail`. */
export const TAIL_OPTIONS = {
  ...READING_OPTIONS,
  format: {
    flags: '--format <format>',
    group: 'Output',
    help: 'text (time, shard or partition, key, data), ndjson (records that `kload run` sends again), or raw (the data, each with a line feed)',
    defaultText: 'text; ndjson for an --output that ends in .ndjson or .jsonl, or in one of these and .gz',
    schema: oneOf('text', 'ndjson', 'raw'),
  },
  output: {
    flags: '--output <file>',
    group: 'Output',
    help: 'write the records there, compressed where the name ends in .gz; what the file held before is lost',
    defaultText: 'standard output',
    schema: text,
  },
  quiet: QUIET,
} as const satisfies OptionTable;

/** The options of `kload record`: a recording is always of a form that can be sent again, and never lost to another one. */
export const RECORD_OPTIONS = {
  ...READING_OPTIONS,
  output: {
    flags: '--output <file>',
    group: 'Output',
    help: 'the recording, compressed where the name ends in .gz',
    defaultText: 'the name of the stream or the topic, with .ndjson',
    schema: text,
  },
  force: {
    flags: '--force',
    group: 'Output',
    help: 'overwrite a recording that is there',
  },
  quiet: QUIET,
} as const satisfies OptionTable;

export type ReadingValues = OptionValues<typeof READING_OPTIONS>;
export type RecordFormat = NonNullable<OptionValues<typeof TAIL_OPTIONS>['format']>;
