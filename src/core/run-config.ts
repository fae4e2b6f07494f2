import type { TimestampFormat } from '../bytes/timestamp.js';
import type { FormatName } from './format-names.js';
import type { KeyDistribution, SizeLaw } from './made-load.js';

/**
 * A run as it was decided, with every default filled in; null where an option has no value. Options have the names of
 * their flags, with the unit where there is one. No member holds a secret: passwords and tokens are named by where they
 * are kept.
 */
export interface RunConfig {
  readonly input: FilesConfig | GeneratedConfig | LoadsConfig;
  /** One partition key for all records. */
  readonly partitionKey: string | null;
  readonly spread: 'keys' | 'even';
  /** Whether the records of a partition key are sent one after the other. */
  readonly ordered: boolean;
  readonly onBadRecord: 'fail' | 'skip';
  readonly count: number | null;
  readonly durationMs: number | null;
  /** How long the run might take by the clock. */
  readonly maxTimeMs: number | null;
  readonly schedule:
    | ConstantRateConfig
    | StagesConfig
    | RateFileConfig
    | BytesRateConfig
    | RecordedScheduleConfig
    | AsFastAsPossibleConfig
    | LoadsConfig;
  /** When the first record is due, RFC 3339; null: at once. */
  readonly startAt: string | null;
  readonly workers: number;
  /** Records in one request, or in one batch of a partition. */
  readonly batchSize: number;
  readonly lingerMs: number;
  /** Requests, over all workers. */
  readonly maxInFlight: number;
  readonly target: TargetSettings;
  /** null: the target's own bound. */
  readonly maxAttempts: number | null;
  readonly deadLetter: string | null;
  readonly targetTimeoutMs: number;
  readonly drainTimeoutMs: number;
  /**
   * What happened in the first seconds is left out of the percentiles and histograms of the whole run, and of the
   * thresholds; 0: nothing is. The ledger, `intervals` and all other counts have it.
   */
  readonly warmUpMs: number;
  readonly checkpoint: CheckpointConfig | null;
}

/** Records read from files; a field is null where it follows from the format. */
export interface FilesConfig {
  readonly kind: 'files';
  /** In the order in which they are read; '-' is standard input. */
  readonly files: readonly string[];
  readonly format: 'auto' | FormatName;
  readonly delimiter: string | null;
  readonly header: boolean;
  readonly dataField: string | null;
  readonly dataEncoding: 'utf8' | 'base64' | 'hex';
  /** As decided from the data: whether the records inside recorded calls to Kinesis were sent. */
  readonly unwrap: 'kinesis' | 'none';
  readonly timestampField: string | null;
  readonly timestampFormat: TimestampFormat;
  readonly timestampZone: string | null;
  readonly partitionKeyField: string | null;
  readonly explicitHashKeyField: string | null;
  readonly headersField: string | null;
  /** RFC 3339, or '+600000ms' from the recording's first record; null: the recording's beginning. */
  readonly from: string | null;
  /** The same; null: the recording's end. */
  readonly to: string | null;
  /** In recorded time. */
  readonly reorderWindowMs: number | null;
  readonly loop: boolean;
}

/** Records that kload makes. */
export interface GeneratedConfig {
  readonly kind: 'generated';
  /** Bytes of data; null: as the template or the schema makes them. */
  readonly recordSize: number | Exclude<SizeLaw, { kind: 'fixed' }> | null;
  /** How many partition keys the records are spread over. */
  readonly keys: number;
  readonly seed: number;
  readonly keyDistribution: KeyDistribution;
  /** The shard that gets this share of all records. */
  readonly hotShard: { readonly shard: string; readonly share: number } | null;
  /** The file, or the template itself. */
  readonly template: string | null;
  /** The file of the schema that the records are encoded by. */
  readonly schema: string | null;
  readonly encode: 'avro' | null;
  /** The id of the schema in Confluent's Schema Registry, with which each record begins. */
  readonly schemaId: number | null;
  /** The id of the schema version in AWS Glue's, with which each record begins. */
  readonly glueSchemaVersion: string | null;
}

/** How records arrive at a rate. */
export interface ArrivalConfig {
  readonly arrival: 'even' | 'poisson' | 'burst';
  /** How far bursts are apart; null: there are none. */
  readonly burstMs: number | null;
  /** Of Poisson arrivals; null for others. */
  readonly seed: number | null;
}

/** Records a second, in stages. */
export interface StagesConfig extends ArrivalConfig {
  readonly kind: 'stages';
  readonly stages: readonly StageConfig[];
  readonly durationMs: number;
  readonly peakRps: number;
}

/** A part of the run in which the rate goes in a straight line from one value to another. */
export interface StageConfig {
  readonly fromRps: number;
  readonly toRps: number;
  readonly durationMs: number;
}

/** Records a second, from a file. */
export interface RateFileConfig extends ArrivalConfig {
  readonly kind: 'rate-file';
  readonly file: string;
  /** How many straight lines the file makes. */
  readonly stages: number;
  readonly durationMs: number;
  readonly peakRps: number;
}

export interface BytesRateConfig extends ArrivalConfig {
  readonly kind: 'bytes-per-second';
  /** Data and keys. */
  readonly bytesPerSecond: number;
}

export interface ConstantRateConfig extends ArrivalConfig {
  readonly kind: 'constant-rate';
  /** Records a second. */
  readonly rps: number;
}

/** The recorded moments. */
export interface RecordedScheduleConfig {
  readonly kind: 'recorded';
  /** 2 is twice as fast as recorded. */
  readonly speed: number;
  /** Longer silences are shortened to this, in recorded time; null: they are kept. */
  readonly maxGapMs: number | null;
}

/** The run has several loads, and each has its own: see `loads[].config` of the report. */
export interface LoadsConfig {
  readonly kind: 'loads';
  readonly loads: number;
}

export interface AsFastAsPossibleConfig {
  readonly kind: 'as-fast-as-possible';
}

/** The options of the target. Which ones there are depends on its kind; null where an option has no value. */
export interface TargetSettings {
  readonly kind: string;
  readonly [option: string]: SettingValue;
}

export type SettingValue =
  | string
  | number
  | boolean
  | null
  | readonly string[]
  | { readonly [name: string]: string | null };

export interface CheckpointConfig {
  readonly file: string;
  readonly intervalMs: number;
  readonly resume: boolean;
}
