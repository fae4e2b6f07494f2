import type { TargetPlan } from '../config/run-plan.js';
import { KAFKA_LIMITS, KINESIS_LIMITS } from '../core/limits.js';
import type { TargetReport } from '../core/report.js';
import { connectionFrom, type KinesisConnection, LOCAL_CREDENTIALS } from '../kinesis/client/connection.js';
import type { SetUpWait } from '../kinesis/client/set-up-calls.js';
import { describeStream } from '../kinesis/stream.js';
import type { TargetConfig } from './between/messages.js';
import type { Placement } from './between/partitioner.js';
import { EMBEDDED_STREAM, type EmbeddedEmulator, startEmbeddedEmulator } from './embedded-emulator.js';

const PUT_RECORDS = { batchBytesMax: KINESIS_LIMITS.batchBytesMax, recordOverheadBytes: 0 };
const ACKS = { all: -1, '0': 0, '1': 1 } as const;

/** A target that was looked at: what the workers need to send to it, and what a report says of it. */
export interface OpenTarget {
  readonly config: TargetConfig;
  readonly report: TargetReport;
  readonly placement: Placement;
  /** Of one record. */
  readonly recordBytesMax: number;
  /** Of one batch, and what a record counts in it beside what it holds. */
  readonly batchBytesMax: number;
  readonly recordOverheadBytes: number;

  /** Tells when the embedded emulator ends before it was closed. */
  onCrash(listener: (error: Error) => void): void;
  close(): Promise<void>;
}

/**
 * Starts the embedded emulator where it is the target, and reads the stream's limits and shards.
 *
 * @param wait for a stream that does not respond, or is not ACTIVE; its time also bounds each request of the run
 */
export async function openTarget(plan: TargetPlan, wait: SetUpWait): Promise<OpenTarget> {
  const { timeoutMs } = wait;
  switch (plan.kind) {
    case 'null':
      return {
        config: { kind: 'null' },
        report: { kind: 'null', stream: null, endpoint: null, region: null, shards: 0, limits: false },
        placement: { kind: 'hash-ranges', shards: [] },
        recordBytesMax: KINESIS_LIMITS.recordBytesMaxEver,
        ...PUT_RECORDS,
        onCrash: () => {},
        close: async () => {},
      };
    case 'embedded': {
      const emulator = await startEmbeddedEmulator(plan);
      const connection: KinesisConnection = {
        region: plan.region,
        profile: undefined,
        endpoint: emulator.endpoint,
        useFipsEndpoint: false,
        useDualstackEndpoint: false,
        stream: { StreamName: EMBEDDED_STREAM },
        requestTimeoutMs: timeoutMs,
        credentials: LOCAL_CREDENTIALS,
        ca: undefined,
        usesProxies: false,
      };
      return openStream(plan, connection, wait, emulator);
    }
    case 'kinesis': {
      return openStream(plan, await connectionFrom(plan, process.env, timeoutMs), wait, undefined);
    }
    case 'kafka':
      return openTopic(plan, wait);
  }
}

async function openStream(
  plan: Extract<TargetPlan, { kind: 'kinesis' | 'embedded' }>,
  connection: KinesisConnection,
  wait: SetUpWait,
  emulator: EmbeddedEmulator | undefined,
): Promise<OpenTarget> {
  const { name, endpoint, region, shards, recordBytesMax } = await describeStream(connection, wait);
  const { kind, wire } = plan;
  const limits = kind === 'kinesis' || plan.limits;
  return {
    config: { kind: 'kinesis', connection, wire },
    report: { kind, stream: name, endpoint, region, shards: shards.length, limits },
    placement: { kind: 'hash-ranges', shards },
    recordBytesMax,
    ...PUT_RECORDS,
    onCrash: (listener) => emulator?.onCrash(listener),
    close: async () => emulator?.close(),
  };
}

async function openTopic(plan: Extract<TargetPlan, { kind: 'kafka' }>, wait: SetUpWait): Promise<OpenTarget> {
  // Its client is loaded by those who need it.
  const [{ readConnection }, { describeTopic }] = await Promise.all([
    import('../kafka/cluster/security.js'),
    import('../kafka/topic.js'),
  ]);
  const { kind, topic, compression, idempotent, recordedTimestamps } = plan;
  const connection = readConnection(plan, process.env, wait.timeoutMs);
  const { partitions, messageBytesMax, brokers } = await describeTopic(connection, topic, wait.onWait);
  const batchBytesMax = Math.min(messageBytesMax, KAFKA_LIMITS.batchBytesMax) - KAFKA_LIMITS.batchOverheadBytes;
  const produce = { topic, acks: ACKS[plan.acks], compression, idempotent, recordedTimestamps };
  return {
    config: { kind, connection, produce },
    report: { kind, stream: topic, endpoint: brokers, region: null, shards: partitions, limits: false },
    placement: { kind: 'partitions', count: partitions },
    recordBytesMax: messageBytesMax - KAFKA_LIMITS.batchOverheadBytes - KAFKA_LIMITS.recordOverheadBytes,
    batchBytesMax,
    recordOverheadBytes: KAFKA_LIMITS.recordOverheadBytes,
    onCrash: () => {},
    close: async () => {},
  };
}
