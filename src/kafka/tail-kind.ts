import { KloadError } from '../core/errors.js';
import { flagsOnly } from '../options/option.js';
import type { OptionValues } from '../options/parse.js';
import type { TailKind, TailSource } from '../target/tail-kind.js';
import { KAFKA_CONNECTION_OPTIONS } from './connection-options.js';
import { type KafkaPlan, type KafkaValues, planKafkaConnection } from './connection-plan.js';

const OPTIONS = {
  ...flagsOnly('Reading', {
    partition: {
      flags: '--partition <number>',
      repeatable: true,
      help: 'read only this partition of the topic',
    },
  }),
  ...KAFKA_CONNECTION_OPTIONS,
};

type Values = OptionValues<typeof OPTIONS> & KafkaValues;

/** A topic of Kafka, and how it is reached. */
export interface TopicSource extends TailSource, KafkaPlan {}

/** Reads a topic of Kafka. */
export const topicTail = {
  name: 'kafka',
  words: { target: 'topic', shard: 'partition' },
  options: OPTIONS,
  position: { name: 'an offset', flag: '--partition N' },
  isNamed: (_stream, { topic }) => topic !== undefined,
  sharedOptions: ({ sasl }) => (sasl === 'aws-msk-iam' ? ['region', 'profile'] : []),
  shardIds: ({ partition }: Values) => partition.map(partitionOf),
  plan(_stream, values: Values, given, env): TopicSource {
    const plan = planKafkaConnection(values, given, env);
    return { kind: 'kafka', name: plan.topic, registers: false, ...plan };
  },
} as const satisfies TailKind;

function partitionOf(text: string): string {
  if (/^\d{1,9}$/.test(text)) return String(Number(text));
  throw new KloadError('usage', `--partition takes a partition number, not '${text}'`);
}
