import type { TimestampFormat } from '../bytes/timestamp.js';
import type { Compression } from '../core/compression.js';
import { KloadError } from '../core/errors.js';
import { KINESIS_LIMITS } from '../core/limits.js';
import type { RecordedPart } from '../core/recorded-moment.js';
import type { ScheduleMode } from '../core/schedule-mode.js';
import { regionOfArn } from './arn.js';
import { type CheckpointPlan, checkpointOf } from './checkpoint-plan.js';
import { type KafkaPlan, planKafkaConnection } from './kafka-plan.js';
import { isGiven, parseOptions } from './parse.js';
import { checkRunOptions, targetKind, withoutOverruled, withoutUnused } from './run-conflicts.js';
import { EMBEDDED_SHARDS_MAX, RUN_OPTIONS, type RunValues } from './run-options.js';

export type InputPlan =
  | {
      readonly kind: 'files';
      readonly files: readonly string[];
      readonly format: RunValues['format'];
      /** Undefined: detected from the first line. */
      readonly delimiter: string | undefined;
      readonly dataField: string | undefined;
      readonly dataEncoding: RunValues['dataEncoding'];
      readonly unwrap: RunValues['unwrap'];
      readonly timestampField: string | undefined;
      readonly timestampFormat: TimestampFormat;
      /** The time zone of timestamps without an offset. */
      readonly timestampZone: string | undefined;
      readonly partitionKeyField: string | undefined;
      readonly explicitHashKeyField: string | undefined;
      /** For Kafka. */
      readonly headersField: string | undefined;
      readonly header: boolean;
      /** Undefined: the whole recording. */
      readonly part: RecordedPart | undefined;
      /** In recorded time. Undefined: rows keep their order. */
      readonly reorderWindowMs: number | undefined;
      readonly loop: boolean;
    }
  | { readonly kind: 'generated'; readonly recordSize: number; readonly keys: number };

/** The encoding of PutRecords requests. */
type Wire = NonNullable<RunValues['wire']>;

export type TargetPlan =
  | { readonly kind: 'null' }
  | {
      readonly kind: 'embedded';
      readonly shards: number;
      readonly limits: boolean;
      readonly region: string;
      readonly wire: Wire;
    }
  | {
      readonly kind: 'kinesis';
      readonly stream: { readonly StreamName: string } | { readonly StreamARN: string };
      readonly region: string | undefined;
      readonly profile: string | undefined;
      readonly endpoint: string | undefined;
      readonly wire: Wire;
    }
  | ({
      readonly kind: 'kafka';
      readonly acks: RunValues['acks'];
      readonly compression: Compression;
      readonly idempotent: boolean;
      /** Whether records carry the time at which they were recorded instead of the time they were sent. */
      readonly recordedTimestamps: boolean;
    } & KafkaPlan);

/** A planned run: every option has a value, and none contradicts another. */
export interface RunPlan {
  readonly input: InputPlan;
  readonly partitionKey: string | undefined;
  readonly spread: RunValues['spread'];
  /** Whether the records of each partition key are sent in input order. */
  readonly ordered: boolean;
  readonly skipBadRecords: boolean;
  readonly count: number | undefined;
  /** The run sends the records that are due within this time. */
  readonly durationMs: number | undefined;
  readonly schedule: ScheduleMode;
  /** When the first record is due, epoch milliseconds. Undefined: now. */
  readonly startAtMs: number | undefined;
  readonly workers: number;
  readonly batchSize: number;
  readonly lingerMs: number;
  /** Over all workers. */
  readonly requestsInFlightMax: number;
  readonly target: TargetPlan;
  readonly maxAttempts: number | undefined;
  readonly deadLetter: string | undefined;
  readonly targetTimeoutMs: number;
  readonly drainTimeoutMs: number;
  /** Undefined: the run cannot be resumed. */
  readonly checkpoint: CheckpointPlan | undefined;
  readonly reports: readonly string[];
  readonly dashboard: boolean;
  readonly quiet: boolean;
}

const GENERATED_DURATION_MS = 10_000;
/** This many records of 100 bytes fill a batch of a megabyte. */
const KAFKA_BATCH_RECORDS = 10_000;
const WORKERS_MAX = 8;
const EMBEDDED_REGION = 'us-east-1';
/** At the target rate the shards of the embedded stream are half full, which leaves room for uneven keys. */
const SHARD_HEADROOM = 2;
/** Without a rate the embedded stream has no limits, so its shards are only there to be seen. */
const SHARDS_WITHOUT_RATE = 4;

/**
 * Plans a run from the given options. Throws a KloadError (usage) for values that are invalid, alone or together.
 *
 * @param given      options by name, as texts from the command line
 * @param positional files named without a flag
 * @param processors number of processors of this machine
 * @param nowMs      the current time, epoch milliseconds
 */
export function planRun(
  given: Readonly<Record<string, unknown>>,
  positional: readonly string[],
  environment: NodeJS.ProcessEnv,
  processors: number,
  nowMs = Date.now(),
): RunPlan {
  const { csv } = parseOptions({ csv: RUN_OPTIONS.csv }, given, {});
  const files = [...positional, ...csv];
  const env = withoutUnused(withoutOverruled(environment, given), given, files);
  const values = parseOptions(RUN_OPTIONS, given, env);
  checkRunOptions(values, files, (name) => isGiven(RUN_OPTIONS[name], given[name], env));
  const isLate = values.startAt !== undefined && values.startAt < nowMs;
  if (isLate && !values.resume) {
    const now = new Date(nowMs).toISOString();
    throw new KloadError('usage', `--start-at is in the past: it is now ${now}`, 'name a later time, or leave it out');
  }
  const target = targetOf(values, given, env, files.length === 0 ? values.recordSize : undefined);
  const workers = values.workers ?? Math.min(WORKERS_MAX, Math.max(1, processors - 1));
  return {
    input: inputOf(values, files),
    partitionKey: values.partitionKey,
    spread: values.spread,
    ordered: values.ordered,
    skipBadRecords: values.onBadRecord === 'skip',
    count: values.count,
    durationMs:
      values.duration ?? (files.length === 0 && values.count === undefined ? GENERATED_DURATION_MS : undefined),
    schedule: scheduleOf(values),
    // A resumed run has waited for its start time already.
    startAtMs: isLate ? undefined : values.startAt,
    // Each worker needs a request of its own to send.
    workers: Math.min(workers, values.maxInFlight),
    batchSize: values.batchSize ?? (target.kind === 'kafka' ? KAFKA_BATCH_RECORDS : KINESIS_LIMITS.batchRecordsMax),
    lingerMs: values.linger,
    requestsInFlightMax: values.maxInFlight,
    target,
    maxAttempts: values.maxAttempts,
    deadLetter: values.deadLetter,
    targetTimeoutMs: values.targetTimeout,
    drainTimeoutMs: values.drainTimeout,
    checkpoint: checkpointOf(values, given, env),
    reports: values.report,
    dashboard: values.dashboard,
    quiet: values.quiet,
  };
}

function inputOf(values: RunValues, files: readonly string[]): InputPlan {
  if (files.length === 0) return { kind: 'generated', recordSize: values.recordSize, keys: values.keys };
  const { format, delimiter, header, loop, from, to, reorderWindow: reorderWindowMs } = values;
  const { dataField, dataEncoding, timestampField, timestampFormat, timestampZone } = values;
  const { partitionKeyField, explicitHashKeyField, headersField } = values;
  // A field for the key implies that each row is a record, not a captured call.
  const hasKeys = [partitionKeyField, explicitHashKeyField, headersField].some((field) => field !== undefined);
  const unwrap = hasKeys && values.unwrap === 'auto' ? 'none' : values.unwrap;
  const part = from === undefined && to === undefined ? undefined : { from, to };
  const ofRecord = { dataField, dataEncoding, timestampField, timestampFormat, timestampZone };
  const fields = { ...ofRecord, partitionKeyField, explicitHashKeyField, headersField };
  const reading = { format, delimiter, header, unwrap, ...fields };
  return { kind: 'files', files, ...reading, part, reorderWindowMs, loop };
}

function scheduleOf({ rps, respectTiming, speed, maxGap }: RunValues): ScheduleMode {
  if (rps !== undefined) return { kind: 'constant-rate', rps };
  return respectTiming ? { kind: 'recorded', speed, gapMaxMs: maxGap } : { kind: 'as-fast-as-possible' };
}

function targetOf(
  values: RunValues,
  given: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
  recordSize: number | undefined,
): TargetPlan {
  const kind = targetKind(values.target, (name) => values[name] !== undefined);
  switch (kind) {
    case 'null':
      return { kind };
    case 'embedded': {
      const { rps, region = EMBEDDED_REGION } = values;
      const limits = values.limits === undefined ? rps !== undefined : values.limits === 'on';
      return { kind, shards: values.shards ?? shardsFor(rps, recordSize), limits, region, wire: wireOf(values, env) };
    }
    case 'kafka': {
      const { acks, compression, idempotent, respectTiming } = values;
      const access = planKafkaConnection(values, given, env);
      return { kind, ...access, acks, compression, idempotent, recordedTimestamps: respectTiming };
    }
    case 'kinesis':
      return { kind, ...streamOf(values), wire: wireOf(values, env) };
  }
}

function streamOf({ stream, streamArn, region, profile, endpointUrl: endpoint }: RunValues) {
  if (stream === undefined && streamArn === undefined) {
    throw new KloadError('usage', '--target kinesis needs a stream', 'name it with --stream or --stream-arn');
  }
  return {
    stream: stream !== undefined ? { StreamName: stream } : { StreamARN: streamArn ?? '' },
    region: region ?? regionOfArn(streamArn),
    profile,
    endpoint,
  };
}

/** The variable comes from the AWS SDK for Java, where it is set for emulators that read only JSON. */
function wireOf({ wire }: RunValues, { AWS_CBOR_DISABLE: disabled = '' }: NodeJS.ProcessEnv): Wire {
  return wire ?? (/^(true|1)$/i.test(disabled) ? 'json' : 'cbor');
}

function shardsFor(rps: number | undefined, recordSize: number | undefined): number {
  if (rps === undefined) return SHARDS_WITHOUT_RATE;
  const byRecords = rps / KINESIS_LIMITS.shardRecordsPerSecond;
  const byBytes = (rps * (recordSize ?? 0)) / KINESIS_LIMITS.shardBytesPerSecond;
  const shards = Math.ceil(Math.max(byRecords, byBytes) * SHARD_HEADROOM);
  return Math.min(EMBEDDED_SHARDS_MAX, Math.max(1, shards));
}
