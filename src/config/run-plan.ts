import { KloadError } from '../core/errors.js';
import { type KeyDistribution, meanOf, type SizeLaw } from '../core/made-load.js';
import type { Recording } from '../core/recording.js';
import { type Arrival, lengthOf, peakOf, type ScheduleMode } from '../core/schedule-mode.js';
import { formatDuration } from '../core/units.js';
import { isGiven, parseOptions } from '../options/parse.js';
import type { MetricsPlan } from '../output/live/plan.js';
import type { PeakLoad, TargetPlan } from '../target/kind.js';
import { targetKind } from '../target/kinds.js';
import type { Threshold } from '../threshold/parse.js';
import { type CheckpointPlan, checkpointOf } from './checkpoint-plan.js';
import type { ConfigFile } from './config-file.js';
import { namingSources } from './layers.js';
import { metricsOf } from './metrics-plan.js';
import { fileOfPart, type PartPlan, partPlanOf } from './part-plan.js';
import { readRateFile } from './rate-file.js';
import {
  checkRunOptions,
  kindNameOf,
  type RunOption,
  usedOfFile,
  withoutOverruled,
  withoutUnused,
} from './run-conflicts.js';
import { RUN_OPTIONS, type RunValues } from './run-options.js';
import { thresholdsOf } from './thresholds.js';

export type InputPlan =
  | ({ readonly kind: 'files' } & Recording)
  | {
      readonly kind: 'generated';
      readonly seed: number;
      readonly keys: number;
      readonly keyDistribution: KeyDistribution;
      /** The shard, by its id or number, that gets this share of all records. */
      readonly hotShard: { readonly shard: string; readonly share: number } | undefined;
      /** undefined: as the template or the schema makes them. */
      readonly size: SizeLaw | undefined;
      /** A file, or the template itself: that has fields in {{ }}. */
      readonly template: string | undefined;
      /** undefined: records are not encoded by a schema. */
      readonly avro: AvroPlan | undefined;
    };

/** How generated records are encoded. */
export interface AvroPlan {
  readonly file: string;
  /** Of Confluent's Schema Registry; undefined: records do not begin with it. */
  readonly schemaId: number | undefined;
  /** Of AWS Glue's; undefined: records do not begin with it. */
  readonly glueSchemaVersion: string | undefined;
}

/** A planned run: every option has a value, and none contradicts another. */
export interface RunPlan {
  readonly input: InputPlan;
  /** The key of all records, if the user passed one. */
  readonly partitionKey: string | undefined;
  readonly spread: RunValues['spread'];
  /** Whether the records of each partition key are sent in input order. Every record then needs a key. */
  readonly ordered: boolean;
  readonly skipBadRecords: boolean;
  readonly count: number | undefined;
  /** The run sends the records that are due within this time. */
  readonly durationMs: number | undefined;
  /** How long the run may take by the clock. Undefined: as long as it needs. */
  readonly maxTimeMs: number | undefined;
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
  /** What happens in the first seconds is left out of the latencies and thresholds of the run. */
  readonly warmUpMs: number;
  readonly thresholds: readonly Threshold[];
  readonly reports: readonly string[];
  /** How many records to show instead of sending any. Undefined: the run sends its records. */
  readonly dryRun: number | undefined;
  readonly dashboard: boolean;
  readonly quiet: boolean;
  /** Undefined: no live metrics. */
  readonly metrics: MetricsPlan | undefined;
  /** Undefined: the run is not split. */
  readonly part: PartPlan | undefined;
}

const RECORD_SIZE: SizeLaw = { kind: 'fixed', bytes: 200 };
const GENERATED_DURATION_MS = 10_000;
const WORKERS_MAX = 8;

/** The options that a run is planned from, after flags, variables and the `--config` file were put together. */
export interface RunGiven {
  /** By name, from flags and the file. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly files: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Puts options together: flags win over variables, variables over the file. */
export function runGiven(
  flags: Readonly<Record<string, unknown>>,
  positional: readonly string[],
  environment: NodeJS.ProcessEnv,
  file?: ConfigFile,
): RunGiven {
  const { csv } = parseOptions({ csv: RUN_OPTIONS.csv }, flags, {});
  const named = [...positional, ...csv];
  const overruled = withoutOverruled(environment, flags);
  if (file === undefined) return { given: flags, files: named, env: withoutUnused(overruled, flags, named) };
  const fromFile = parseOptions({ csv: RUN_OPTIONS.csv }, file.given, {});
  const files = named.length > 0 ? named : [...file.args, ...fromFile.csv];
  const given = { ...usedOfFile(flags, overruled, file, files), ...flags };
  return { given, files, env: withoutUnused(overruled, given, files) };
}

/**
 * Plans a run from the given options. Throws a KloadError (usage) for values that are invalid, alone or together.
 *
 * @param given      options by name, as texts from the command line
 * @param positional files named without a flag
 * @param processors number of processors of this machine
 * @param nowMs      the current time, epoch milliseconds
 * @param file       the `--config` file
 */
export function planRun(
  given: Readonly<Record<string, unknown>>,
  positional: readonly string[],
  environment: NodeJS.ProcessEnv,
  processors: number,
  nowMs = Date.now(),
  file?: ConfigFile,
): RunPlan {
  return namingSources(RUN_OPTIONS, given, environment, file, () =>
    planGiven(runGiven(given, positional, environment, file), processors, nowMs),
  );
}

function planGiven({ given, files, env }: RunGiven, processors: number, nowMs: number): RunPlan {
  if (files.includes('')) {
    const hint = 'is a variable of the shell empty? Without files, records are generated';
    throw new KloadError('usage', 'an input file has an empty name', hint);
  }
  const values = parseOptions(RUN_OPTIONS, given, env);
  checkRunOptions(values, files, (name) => isGiven(RUN_OPTIONS[name], given[name], env));
  const isLate = values.startAt !== undefined && values.startAt < nowMs;
  if (isLate && !values.resume) {
    const now = new Date(nowMs).toISOString();
    throw new KloadError('usage', `--start-at is in the past: it is now ${now}`, 'name a later time, or leave it out');
  }
  const kind = targetKind(
    kindNameOf(values.target, (name) => isGiven(RUN_OPTIONS[name as RunOption], given[name], env)),
  );
  const part = partPlanOf(values, files, env);
  const input = inputOf(values, files, part);
  const size = input.kind === 'generated' ? input.size : undefined;
  const generatedBytes = size && meanOf(size);
  const schedule = scheduleOf(values);
  // The main thread of such a run is nearly idle.
  const takesAll = input.kind === 'generated' && schedule.kind === 'as-fast-as-possible' && kind.inProcess !== true;
  const workers = values.workers ?? Math.min(WORKERS_MAX, Math.max(1, takesAll ? processors : processors - 1));
  const durationMs = values.duration ?? (isEndless(files, values, schedule) ? GENERATED_DURATION_MS : undefined);
  const warmUpMs = values.warmUp ?? 0;
  const lastsMs = Math.min(
    durationMs ?? Number.POSITIVE_INFINITY,
    schedule.kind === 'stages' ? lengthOf(schedule.stages) : Number.POSITIVE_INFINITY,
  );
  if (warmUpMs >= lastsMs) {
    const lasts = `the run lasts ${formatDuration(lastsMs)}`;
    throw new KloadError('usage', `--warm-up leaves nothing to measure: ${lasts}`, 'set a longer --duration');
  }
  return {
    input,
    partitionKey: values.partitionKey,
    spread: values.spread,
    ordered: values.ordered,
    skipBadRecords: values.onBadRecord === 'skip',
    count: values.count,
    durationMs,
    maxTimeMs: values.maxTime,
    schedule,
    // A resumed run has waited for its start time already.
    startAtMs: isLate ? undefined : values.startAt,
    // Each worker needs a request of its own to send.
    workers: Math.min(workers, values.maxInFlight),
    batchSize: values.batchSize ?? kind.batchRecords.default,
    lingerMs: values.linger,
    requestsInFlightMax: values.maxInFlight,
    target: kind.plan(values, { given, env, load: loadOf(schedule, generatedBytes) }),
    maxAttempts: values.maxAttempts,
    deadLetter: fileOfPart(values.deadLetter, part),
    targetTimeoutMs: values.targetTimeout,
    drainTimeoutMs: values.drainTimeout,
    checkpoint: checkpointOf(values, given, env, files.length === 0, part),
    warmUpMs,
    thresholds: thresholdsOf(values, hasRate(schedule), kind.hasShardLimits),
    reports: values.report.map((file) => fileOfPart(file, part)),
    dryRun: values.dryRun,
    dashboard: values.dashboard,
    quiet: values.quiet,
    metrics: metricsOf(values, env),
    part,
  };
}

function inputOf(values: RunValues, files: readonly string[], split: PartPlan | undefined): InputPlan {
  if (files.length === 0) return generatedInput(values);
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
  return { kind: 'files', files: filesOf(files, split), ...reading, part, reorderWindowMs, loop };
}

/** The files that a part of the run reads. With `--part-by file`, they are dealt out in turn. */
function filesOf(files: readonly string[], part: PartPlan | undefined): readonly string[] {
  if (part?.by !== 'file') return files;
  if (files.length < part.of) {
    const reason = `${files.length} file${files.length === 1 ? '' : 's'} cannot be dealt out to ${part.of} parts`;
    throw new KloadError('usage', `--part-by file: ${reason}`, 'use as many parts as files, or --part-by key');
  }
  return files.filter((_, index) => index % part.of === part.number - 1);
}

/** Records without a template or a schema have padding, so they always have a size. */
function generatedInput(values: RunValues): InputPlan {
  const { seed, keys, keyDistribution, hotShard, template, recordSize } = values;
  const { schema: file, schemaId, glueSchemaVersion } = values;
  const avro = file === undefined ? undefined : { file, schemaId, glueSchemaVersion };
  const size = recordSize ?? (template === undefined && avro === undefined ? RECORD_SIZE : undefined);
  return { kind: 'generated', seed, keys, keyDistribution, hotShard, size, template, avro };
}

function scheduleOf(values: RunValues): ScheduleMode {
  const { rps, stages, rateFile: file, bytesPerSecond, respectTiming, speed, maxGap } = values;
  const arrival = arrivalOf(values);
  if (rps !== undefined) return { kind: 'constant-rate', rps, arrival };
  if (stages !== undefined) return { kind: 'stages', stages, arrival };
  if (file !== undefined) return { kind: 'stages', stages: readRateFile(file), file, arrival };
  if (bytesPerSecond !== undefined) return { kind: 'bytes-per-second', bytesPerSecond, arrival };
  return respectTiming ? { kind: 'recorded', speed, gapMaxMs: maxGap } : { kind: 'as-fast-as-possible' };
}

function arrivalOf({ arrival, seed }: RunValues): Arrival {
  return arrival.kind === 'poisson' ? { kind: 'poisson', seed } : arrival;
}

export function hasRate({ kind }: ScheduleMode): boolean {
  return kind !== 'recorded' && kind !== 'as-fast-as-possible';
}

/** Whether neither the input nor an option ends the run. */
function isEndless(files: readonly string[], { count }: RunValues, { kind }: ScheduleMode): boolean {
  return files.length === 0 && count === undefined && kind !== 'stages';
}

/** @param recordBytes of each generated record; 0 if that is not known */
function loadOf(schedule: ScheduleMode, recordBytes = 0): PeakLoad | undefined {
  if (schedule.kind === 'bytes-per-second') {
    const { bytesPerSecond: bytes } = schedule;
    return { records: recordBytes === 0 ? 0 : bytes / recordBytes, bytes };
  }
  if (schedule.kind !== 'constant-rate' && schedule.kind !== 'stages') return undefined;
  const records = schedule.kind === 'stages' ? peakOf(schedule.stages) : schedule.rps;
  return { records, bytes: records * recordBytes };
}
