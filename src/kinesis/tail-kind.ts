import { KloadError } from '../core/errors.js';
import { flagsOnly } from '../options/option.js';
import { type OptionValues, readText } from '../options/parse.js';
import { consumerName, KINESIS_NAME, streamArn, streamName } from '../options/values.js';
import type { TailKind, TailSource } from '../target/tail-kind.js';
import type { ConnectionFlags } from './client/connection.js';
import { CONNECTION_OPTIONS, regionOfArn } from './connection-options.js';

const OPTIONS = {
  ...flagsOnly('Reading', {
    shard: {
      flags: '--shard <id>',
      repeatable: true,
      help: 'read only this shard (shardId-000000000003, or 3), not the shards it is split or merged into',
    },
    fanOut: {
      flags: '--fan-out [consumer]',
      help:
        'receive records as this enhanced fan-out consumer, with its own throughput; a consumer that does not exist is ' +
        'registered, and deregistered at the end',
      defaultText: 'poll with GetRecords; without a name: a consumer for this run',
      bare: '',
      schema: consumerName,
    },
    polite: {
      flags: '--polite',
      help:
        "poll each shard within the service's limits (5 reads and 2 MiB/s), which all of its consumers share; always so " +
        'with AWS, and where a shard throttles',
    },
  }),
  ...CONNECTION_OPTIONS,
};

type Values = OptionValues<typeof OPTIONS>;

/** A stream of Kinesis, and how it is read. */
export interface StreamSource extends TailSource, ConnectionFlags {
  /** The enhanced fan-out consumer: a name, or '' for one made for this run. Undefined: polling. */
  readonly fanOut: string | undefined;
  /** Whether to poll within the service's limits wherever the stream is. */
  readonly polite: boolean;
}

/** Reads a stream of Kinesis. */
export const streamTail = {
  name: 'kinesis',
  words: { target: 'stream', shard: 'shard' },
  options: OPTIONS,
  position: { name: 'a sequence number', flag: '--shard ID' },
  isNamed: (stream) => stream !== undefined,
  sharedOptions: () => [],
  shardIds: ({ shard }: Values) => shard.map(shardIdOf),
  plan(stream = '', { region, profile, endpointUrl: endpoint, fanOut, polite }: Values): StreamSource {
    const isArn = stream.startsWith('arn:');
    readText(isArn ? streamArn : streamName, 'STREAM', stream);
    return {
      kind: 'kinesis',
      name: stream.split('/').at(-1) ?? stream,
      registers: fanOut !== undefined,
      stream: isArn ? { StreamARN: stream } : { StreamName: stream },
      region: region ?? (isArn ? regionOfArn(stream) : undefined),
      ...{ profile, endpoint, fanOut, polite },
    };
  },
} as const satisfies TailKind;

/** The full ID of a shard, from its ID or its number. kload shows shards by their numbers. */
function shardIdOf(text: string): string {
  if (/^\d{1,12}$/.test(text)) return `shardId-${text.padStart(12, '0')}`;
  if (KINESIS_NAME.test(text)) return text;
  throw new KloadError('usage', `--shard takes a shard ID (shardId-000000000003, or 3), not '${text}'`);
}
