import { CONNECTION_OPTIONS } from './connection-options.js';
import type { OptionTable } from './option.js';
import type { OptionValues } from './parse.js';
import { consumerName, oneOf, someDuration, text, whole } from './values.js';

/** The options of `kload tail`. */
export const TAIL_OPTIONS = {
  from: {
    flags: '--from <position>',
    group: 'Reading',
    help: 'latest, trim-horizon (the oldest record), a time (2026-01-02T03:04:05Z), how long ago (-5m, -2h, -1d), or, with one --shard, a sequence number',
    defaultText: 'latest; with --no-follow or --until: trim-horizon',
    schema: text,
  },
  shard: {
    flags: '--shard <id>',
    group: 'Reading',
    repeatable: true,
    help: 'read this shard alone (shardId-000000000003, or 3), and not what it is split or merged into',
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
    help: 'end when all that the stream holds was read',
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
    help: 'end with the records that arrived before this time, given as for --from',
    schema: text,
  },
  ...CONNECTION_OPTIONS,
  targetTimeout: {
    flags: '--target-timeout <time>',
    group: 'Target',
    help: 'end when the stream has not answered for this long',
    default: '30s',
    env: 'KLOAD_TARGET_TIMEOUT',
    schema: someDuration,
  },
  format: {
    flags: '--format <format>',
    group: 'Output',
    help: 'text (time, shard, key, data), ndjson (records that `kload run` sends again), or raw (the data, each with a line feed)',
    defaultText: 'text; ndjson for an --output that ends in .ndjson or .jsonl',
    schema: oneOf('text', 'ndjson', 'raw'),
  },
  output: {
    flags: '--output <file>',
    group: 'Output',
    help: 'write the records there; what the file held before is lost',
    defaultText: 'standard output',
    schema: text,
  },
  quiet: {
    flags: '--quiet',
    group: 'Output',
    help: 'say nothing on standard error but what went wrong',
  },
} as const satisfies OptionTable;

export type TailValues = OptionValues<typeof TAIL_OPTIONS>;
