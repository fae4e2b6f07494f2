import { KloadError } from '../core/errors.js';
import { KINESIS_LIMITS } from '../core/limits.js';
import { HASH_KEY_RECORDS } from '../core/record.js';
import type { TargetReport } from '../core/report.js';
import { section } from '../options/option.js';
import type { OptionValues } from '../options/parse.js';
import { oneOf, streamArn, streamName } from '../options/values.js';
import { ShardMap } from '../route/shard-map.js';
import { shardsText, type TargetKind, type TargetPlan } from '../target/kind.js';
import type { OutgoingRecord } from '../target/target.js';
import type { ConnectionFlags } from './client/connection.js';
import { CONNECTION_OPTIONS, regionOfArn } from './connection-options.js';
import type { StreamConfig, Wire } from './open-target.js';

/** The stream to send to, and how requests are written. */
const OPTIONS = {
  ...section('Target', {
    stream: {
      flags: '--stream <name>',
      help: 'Kinesis stream to send to',
      schema: streamName,
    },
    streamArn: {
      flags: '--stream-arn <arn>',
      help: 'Kinesis stream to send to, by its ARN',
      schema: streamArn,
    },
  }),
  ...CONNECTION_OPTIONS,
  ...section('Target', {
    wire: {
      flags: '--wire <format>',
      help: 'encoding of requests to Kinesis: cbor, or json for emulators that do not accept CBOR',
      defaultText: 'cbor; json if AWS_CBOR_DISABLE=true',
      schema: oneOf('cbor', 'json'),
    },
  }),
};

type StreamValues = OptionValues<typeof OPTIONS>;

export interface StreamPlan extends TargetPlan, ConnectionFlags {
  readonly wire: Wire;
}

const WORDS = { target: 'stream', shard: 'shard' };

/** A stream of Amazon Kinesis Data Streams, or of an emulator that a URL names. */
export const kinesis = {
  name: 'kinesis',
  about: '',
  words: WORDS,
  messagingSystem: 'aws_kinesis',
  options: OPTIONS,
  selectedBy: ['stream', 'streamArn'],
  selectHint: 'to send to Kinesis, pass --stream without another --target or --topic',
  sharedOptions: () => [],
  unusedOptions: () => [],
  exclusive: [['stream', 'streamArn']],
  plan({ stream, streamArn, region, profile, endpointUrl, wire }: StreamValues, { env }): StreamPlan {
    if (stream === undefined && streamArn === undefined) {
      throw new KloadError('usage', '--target kinesis needs a stream', 'name it with --stream or --stream-arn');
    }
    return {
      kind: 'kinesis',
      stream: stream !== undefined ? { StreamName: stream } : { StreamARN: streamArn ?? '' },
      region: region ?? regionOfArn(streamArn),
      profile,
      endpoint: endpointUrl,
      wire: wireOf(wire, env),
    };
  },
  settings: ({ kind, stream, region, profile, endpoint, wire }: StreamPlan) => ({
    kind,
    stream: 'StreamName' in stream ? stream.StreamName : null,
    streamArn: 'StreamARN' in stream ? stream.StreamARN : null,
    region: region ?? null,
    profile: profile ?? null,
    endpointUrl: endpoint ?? null,
    wire,
  }),
  warning: () => undefined,
  record: HASH_KEY_RECORDS,
  batchRecords: { default: KINESIS_LIMITS.batchRecordsMax, max: KINESIS_LIMITS.batchRecordsMax },
  unit: 'record',
  /** With the pauses between them, ten attempts take about 8 s. */
  attemptsMax: 10,
  hasShardLimits: true,
  async open(plan: StreamPlan, wait) {
    const { openStream } = await import('./open-target.js');
    return openStream(plan, wait);
  },
  async connect({ connection, wire }: StreamConfig) {
    const { KinesisTarget } = await import('./target.js');
    return new KinesisTarget(connection, wire);
  },
  partitioner({ shards }: StreamConfig) {
    const map = new ShardMap(shards);
    return {
      ids: map.shards.map(({ id }) => id),
      indexOf: ({ source, keyStart, keyEnd, attributesStart, attributesEnd }: OutgoingRecord) =>
        attributesEnd > 0
          ? map.indexOfHashKey(source, attributesStart, attributesEnd)
          : map.indexOf(source, keyStart, keyEnd),
    };
  },
  describe: ({ stream, shards, region, endpoint }: TargetReport) => [
    `stream ${stream}, ${shardsText(WORDS, shards)}`,
    `${region} at ${endpoint}`,
  ],
  location: ({ endpoint, region }: TargetReport) => endpoint ?? region,
} as const satisfies TargetKind;

/** AWS_CBOR_DISABLE is a setting of the AWS SDK for Java, for emulators that read only JSON. */
export function wireOf(wire: Wire | undefined, { AWS_CBOR_DISABLE: disabled = '' }: NodeJS.ProcessEnv): Wire {
  return wire ?? (/^(true|1)$/i.test(disabled) ? 'json' : 'cbor');
}
