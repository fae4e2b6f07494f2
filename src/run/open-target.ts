import type { TargetPlan } from '../config/run-plan.js';
import { KINESIS_LIMITS } from '../core/limits.js';
import type { TargetReport } from '../core/report.js';
import { endpointOf, type KinesisConnection, LOCAL_CREDENTIALS } from '../kinesis/client.js';
import { describeStream } from '../kinesis/stream.js';
import { EMBEDDED_STREAM, type EmbeddedEmulator, startEmbeddedEmulator } from './embedded-emulator.js';
import type { TargetConfig } from './messages.js';
import type { Placement } from './placement.js';

/** A target that was looked at: what the workers need to send to it, and what a report says of it. */
export interface OpenTarget {
  readonly config: TargetConfig;
  readonly report: TargetReport;
  readonly placement: Placement;
  /** Data and key of one record. */
  readonly recordBytesMax: number;

  /** Tells when the embedded emulator ends before it was closed. */
  onCrash(listener: (error: Error) => void): void;
  close(): Promise<void>;
}

/**
 * Starts the embedded emulator where it is the target, and reads the stream's limits and shards.
 *
 * @param timeoutMs how long the target may leave a request without an answer
 */
export async function openTarget(plan: TargetPlan, timeoutMs: number): Promise<OpenTarget> {
  switch (plan.kind) {
    case 'null':
      return {
        config: { kind: 'null' },
        report: { kind: 'null', stream: null, endpoint: null, region: null, shards: 0, limits: false },
        placement: { kind: 'hash-ranges', shards: [] },
        recordBytesMax: KINESIS_LIMITS.recordBytesMaxEver,
        onCrash: () => {},
        close: async () => {},
      };
    case 'embedded': {
      const emulator = await startEmbeddedEmulator(plan);
      const connection: KinesisConnection = {
        region: plan.region,
        profile: undefined,
        endpoint: emulator.endpoint,
        stream: { StreamName: EMBEDDED_STREAM },
        requestTimeoutMs: timeoutMs,
        credentials: LOCAL_CREDENTIALS,
      };
      return openStream(plan, connection, emulator);
    }
    case 'kinesis': {
      const { region, profile, stream } = plan;
      const endpoint = endpointOf(plan.endpoint, process.env);
      const connection = { region, profile, stream, endpoint, requestTimeoutMs: timeoutMs, credentials: undefined };
      return openStream(plan, connection, undefined);
    }
  }
}

async function openStream(
  plan: Exclude<TargetPlan, { kind: 'null' }>,
  connection: KinesisConnection,
  emulator: EmbeddedEmulator | undefined,
): Promise<OpenTarget> {
  const { name, endpoint, region, shards, recordBytesMax } = await describeStream(connection);
  const { kind, wire } = plan;
  const limits = kind === 'kinesis' || plan.limits;
  return {
    config: { kind: 'kinesis', connection, wire },
    report: { kind, stream: name, endpoint, region, shards: shards.length, limits },
    placement: { kind: 'hash-ranges', shards },
    recordBytesMax,
    onCrash: (listener) => emulator?.onCrash(listener),
    close: async () => emulator?.close(),
  };
}
