import { flagsOnly, section } from '../options/option.js';
import type { OptionValues } from '../options/parse.js';
import { oneOf, someDuration, text, whole } from '../options/values.js';
import { tailOptions } from '../target/tail-kinds.js';
import { CONFIG_OPTIONS } from './config-options.js';

/** Which records of a stream or topic to read, where to stop, and how to connect. */
const READING_OPTIONS = {
  ...flagsOnly('Reading', {
    from: {
      flags: '--from <position>',
      help:
        'where to start: latest, trim-horizon or earliest (the oldest record), a time (2026-01-02T03:04:05Z), how long ' +
        'ago (-5m, -2h, -1d), a sequence number (with one --shard) or an offset (with one --partition)',
      defaultText: 'latest; trim-horizon with --no-follow or --until',
      schema: text,
    },
  }),
  ...tailOptions(),
  ...flagsOnly('End', {
    follow: {
      flags: '--no-follow',
      help: 'stop after reading everything in the stream or topic',
      default: true,
      defaultText: 'wait for new records',
    },
    count: {
      flags: '--count <n>',
      help: 'stop after this many records',
      schema: whole(1),
    },
    duration: {
      flags: '--duration <time>',
      help: 'stop after this time (30s, 5m, 1h30m)',
      schema: someDuration,
    },
    until: {
      flags: '--until <time>',
      help:
        'read only the records that arrived before this time (Kafka: by their timestamps), then stop; a time or how ' +
        'long ago, as for --from',
      schema: text,
    },
  }),
  ...section('Target', {
    targetTimeout: {
      flags: '--target-timeout <time>',
      help: 'stop if nothing responds for this long, or the stream is not ACTIVE in this time',
      default: '30s',
      schema: someDuration,
    },
  }),
};

const QUIET = flagsOnly('Output', {
  quiet: {
    flags: '--quiet',
    help: 'print only errors on standard error',
  },
});

/** The options of `kload tail`. */
export const TAIL_OPTIONS = {
  ...READING_OPTIONS,
  ...flagsOnly('Output', {
    format: {
      flags: '--format <format>',
      help:
        'text (time, shard or partition, key, data), ndjson (records that `kload run` can send again), or raw (the ' +
        'data and a line feed)',
      defaultText: 'text; ndjson if --output ends in .ndjson, .jsonl, .ndjson.gz or .jsonl.gz',
      schema: oneOf('text', 'ndjson', 'raw'),
    },
    output: {
      flags: '--output <file>',
      help: 'write the records to this file, compressed if its name ends in .gz; an existing file is overwritten',
      defaultText: 'standard output',
      schema: text,
    },
  }),
  ...QUIET,
  ...CONFIG_OPTIONS,
};

/** The options of `kload record`, which always writes NDJSON, and overwrites a recording only with --force. */
export const RECORD_OPTIONS = {
  ...READING_OPTIONS,
  ...flagsOnly('Output', {
    output: {
      flags: '--output <file>',
      help: 'file to record to, compressed if its name ends in .gz',
      defaultText: 'the name of the stream or topic, plus .ndjson',
      schema: text,
    },
    force: {
      flags: '--force',
      help: 'overwrite an existing recording',
    },
  }),
  ...QUIET,
  ...CONFIG_OPTIONS,
};

export type ReadingValues = OptionValues<typeof READING_OPTIONS>;
export type RecordFormat = NonNullable<OptionValues<typeof TAIL_OPTIONS>['format']>;
