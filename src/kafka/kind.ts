import { COMPRESSIONS } from '../core/compression.js';
import { KloadError } from '../core/errors.js';
import type { KafkaSaslAccess } from '../core/kafka-access.js';
import type { TargetReport } from '../core/report.js';
import { section } from '../options/option.js';
import type { OptionValues } from '../options/parse.js';
import { oneOf } from '../options/values.js';
import { PartitionMap } from '../route/partition-map.js';
import { type GivenOptions, shardsText, type TargetKind } from '../target/kind.js';
import type { OutgoingRecord } from '../target/target.js';
import { KAFKA_CONNECTION_OPTIONS } from './connection-options.js';
import { type KafkaValues, kafkaWarning, planKafkaConnection } from './connection-plan.js';
import type { TopicConfig, TopicPlan } from './open-target.js';

/** The topic to send to, and how batches are produced. */
const OPTIONS = {
  ...KAFKA_CONNECTION_OPTIONS,
  ...section('Kafka', {
    acks: {
      flags: '--acks <who>',
      help:
        'acknowledgements that a batch needs to count as sent: all (every in-sync replica), 1 (the leader), or 0 ' +
        '(none: it counts once written to the socket)',
      default: 'all',
      schema: oneOf('0', '1', 'all'),
    },
    compression: {
      flags: '--compression <codec>',
      help: 'compression of batches: none, gzip, snappy, lz4 or zstd',
      default: 'none',
      schema: oneOf(...COMPRESSIONS),
    },
    idempotent: {
      flags: '--idempotent',
      help: 'let brokers recognise a batch that is sent again, so a lost response causes no duplicates; needs --acks all',
    },
  }),
};

type TopicValues = OptionValues<typeof OPTIONS> & KafkaValues & { readonly respectTiming: boolean };

const WORDS = { target: 'topic', shard: 'partition' };
const AWS_OPTIONS = ['region', 'profile'];
const usesAws = (given: GivenOptions) => given.text('sasl') === 'aws-msk-iam';

/** A topic of a Kafka cluster. */
export const kafka = {
  name: 'kafka',
  about: '',
  words: WORDS,
  messagingSystem: 'kafka',
  options: OPTIONS,
  selectedBy: ['topic'],
  selectHint: 'to send to Kafka, pass --brokers and --topic without another --target or --stream',
  sharedOptions: (given: GivenOptions) => (usesAws(given) ? AWS_OPTIONS : []),
  unusedOptions: (given: GivenOptions) => {
    const why = 'applies to Kafka only with --sasl aws-msk-iam';
    return usesAws(given) ? [] : [{ names: AWS_OPTIONS, why, hint: 'leave it out' }];
  },
  exclusive: [],
  plan(values: TopicValues, { given, env }): TopicPlan {
    const { acks, compression, idempotent, respectTiming } = values;
    if (idempotent && acks !== 'all') {
      throw new KloadError('usage', `--idempotent needs --acks all, not ${acks}`, 'leave one of them out');
    }
    const access = planKafkaConnection(values, given, env);
    return { kind: 'kafka', ...access, acks, compression, idempotent, recordedTimestamps: respectTiming };
  },
  settings: ({ kind, topic, brokers, acks, compression, idempotent, tls, sasl }: TopicPlan) => ({
    ...{ kind, topic, brokers, acks, compression, idempotent },
    tls: tls ? { ca: tls.ca ?? null, cert: tls.certificate ?? null, key: tls.key ?? null } : null,
    sasl: sasl ? saslSettings(sasl) : null,
  }),
  warning: (plan: TopicPlan) => kafkaWarning(plan),
  record: { keys: 'bytes', attributes: 'headers', attributesCount: true, keyless: 'none', nullData: true },
  /** 10,000 records of 100 bytes fill a batch of a megabyte. Kafka counts the records of a batch in 32 bits. */
  batchRecords: { default: 10_000, max: 100_000 },
  unit: 'batch',
  /**
   * About 80 s: a partition may have no leader, or too few replicas, for that long while brokers restart one by one.
   */
  attemptsMax: 40,
  hasShardLimits: false,
  async open(plan: TopicPlan, wait) {
    const { openTopic } = await import('./open-target.js');
    return openTopic(plan, wait);
  },
  async connect({ connection, produce }: TopicConfig) {
    const { KafkaTarget } = await import('./target.js');
    return new KafkaTarget(connection, produce);
  },
  partitioner({ partitions }: TopicConfig) {
    const map = new PartitionMap(partitions);
    return {
      ids: Array.from({ length: partitions }, (_, partition) => String(partition)),
      indexOf: ({ source, keyStart, keyEnd }: OutgoingRecord) => map.indexOf(source, keyStart, keyEnd),
    };
  },
  describe: ({ stream, shards, endpoint }: TargetReport) => [
    `topic ${stream}, ${shardsText(WORDS, shards)}`,
    `at ${endpoint}`,
  ],
  location: ({ endpoint }: TargetReport) => endpoint,
} as const satisfies TargetKind;

/** How kload logs in, and where it finds the password or token; null for what the mechanism does not use. */
function saslSettings(sasl: KafkaSaslAccess): Readonly<Record<string, string | null>> {
  const secret: Partial<Record<'variable' | 'file', string>> = secretOf(sasl) ?? {};
  return {
    mechanism: sasl.mechanism,
    username: 'username' in sasl ? sasl.username : null,
    secretVariable: secret.variable ?? null,
    secretFile: secret.file ?? null,
  };
}

function secretOf(sasl: KafkaSaslAccess) {
  if ('password' in sasl) return sasl.password;
  return 'token' in sasl ? sasl.token : undefined;
}
