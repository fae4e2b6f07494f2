import type { Compression } from '../core/compression.js';
import { KAFKA_LIMITS } from '../core/limits.js';
import type { OpenTarget, TargetConfig, TargetPlan, TargetWait } from '../target/kind.js';
import type { KafkaConnection } from './cluster/connection.js';
import { readConnection } from './cluster/security.js';
import type { KafkaPlan } from './connection-plan.js';
import type { ProduceOptions } from './produce/request-writer.js';
import { describeTopic } from './topic.js';

export interface TopicPlan extends TargetPlan, KafkaPlan {
  readonly acks: '0' | '1' | 'all';
  readonly compression: Compression;
  readonly idempotent: boolean;
  /** Whether records carry the time at which they were recorded, and not that of their sending. */
  readonly recordedTimestamps: boolean;
}

const ACKS = { all: -1, '0': 0, '1': 1 } as const;

/** What a worker needs to send to a topic. */
export interface TopicConfig extends TargetConfig {
  readonly connection: KafkaConnection;
  readonly produce: ProduceOptions;
  readonly partitions: number;
}

/** Looks a topic up: its partitions, and how large its messages may be. */
export async function openTopic(plan: TopicPlan, wait: TargetWait): Promise<OpenTarget> {
  const { topic, compression, idempotent, recordedTimestamps } = plan;
  const connection = readConnection(plan, process.env, wait.timeoutMs);
  const { partitions, messageBytesMax, brokers } = await describeTopic(connection, topic, wait.onWait);
  const produce = { topic, acks: ACKS[plan.acks], compression, idempotent, recordedTimestamps };
  const config: TopicConfig = { kind: 'kafka', connection, produce, partitions };
  return {
    config,
    report: { kind: 'kafka', stream: topic, endpoint: brokers, region: null, shards: partitions, limits: false },
    shardIds: Array.from({ length: partitions }, (_, partition) => String(partition)),
    spread: undefined,
    recordBytesMax: messageBytesMax - KAFKA_LIMITS.batchOverheadBytes - KAFKA_LIMITS.recordOverheadBytes,
    batchBytesMax: Math.min(messageBytesMax, KAFKA_LIMITS.batchBytesMax) - KAFKA_LIMITS.batchOverheadBytes,
    recordOverheadBytes: KAFKA_LIMITS.recordOverheadBytes,
    onCrash: () => {},
    close: async () => {},
  };
}
