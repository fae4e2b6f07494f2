import type { ClockOffset } from '../core/clock-offset.js';
import type { RecordTraits } from '../core/record.js';
import type { TargetReport } from '../core/report.js';
import type { TargetSettings } from '../core/run-config.js';
import { formatCount } from '../core/units.js';
import type { OptionTable } from '../options/option.js';
import type { Partitioner } from './partitioner.js';
import type { Target } from './target.js';

/** What the command line says about a target. Plain data without secrets: `settings` shows it in reports. */
export interface TargetPlan {
  readonly kind: string;
}

/** What a worker needs to send to a target. Plain data, because it is copied to the worker's thread. */
export interface TargetConfig {
  readonly kind: string;
}

/** Hash keys that make the shards take turns. */
export interface HashKeySpread {
  /** All hash keys, in decimal digits, in the order in which records get them. */
  readonly points: readonly Buffer[];
  /** The next hash key, in decimal digits. */
  readonly digits: Buffer;
  /** Moves on to the next hash key. Call it once a record has the current one. */
  advance(): void;
}

/** How to wait for a target that does not respond yet. */
export interface TargetWait {
  /** How long to wait. Also the limit for each request of the run. */
  readonly timeoutMs: number;
  /** Called with a sentence about what kload is waiting for. */
  readonly onWait: (text: string) => void;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

/** A target that responded: what workers need to send to it, and what a report says about it. */
export interface OpenTarget {
  readonly config: TargetConfig;
  readonly report: TargetReport;
  /** The ids of the shards, or partitions, in the target's order. */
  readonly shardIds: readonly string[];
  /** Makes the hash keys for `--spread even`; undefined if records for this target have no hash keys. */
  readonly spread: (() => HashKeySpread) | undefined;
  /** The size limit of a record, in bytes: its data, its key, and its attributes if these count. */
  readonly recordBytesMax: number;
  /** The size limit of a batch, in bytes, and what each record adds to it besides its own bytes. */
  readonly batchBytesMax: number;
  readonly recordOverheadBytes: number;
  /** How far this machine's clock is ahead of the target's; null or undefined: not known. */
  readonly clock?: ClockOffset | null;

  /**
   * Calls the listener if the target crashes before it is closed. Only a target inside this process does. The listener
   * of the next run on the same target takes the place of the one before.
   */
  onCrash(listener: (error: Error) => void): void;
  close(): Promise<void>;
}

/** Options that would have no effect. The run refuses them, because ignoring them silently would be worse. */
export interface UnusedOptions {
  readonly names: readonly string[];
  /** Follows the name of the option in the message: 'cannot be used with the null target'. */
  readonly why: string;
  readonly hint: string;
}

/** The options that the user gave, for a kind whose options depend on each other. */
export interface GivenOptions {
  isSet(name: string): boolean;
  /** The text of an option, from its flag or its environment variable. */
  text(name: string): unknown;
}

/** The most that a run asks for in a second. */
export interface PeakLoad {
  /** 0: not known. */
  readonly records: number;
  readonly bytes: number;
}

/** What a plan is made from, in addition to the values of the options. */
export interface PlanContext {
  /** The options that were given as flags, not as environment variables. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly env: NodeJS.ProcessEnv;
  /** undefined: the run has no rate. */
  readonly load: PeakLoad | undefined;
}

/**
 * Everything that differs between the kinds of target. A new kind is a folder that exports one, and a line in
 * `kinds.ts`. Its client is loaded on demand, so that a run loads only the client that it uses.
 */
export interface TargetKind {
  /** The value of `--target`. */
  readonly name: string;
  /** What `--help` says about it after its name; empty if the name is enough. */
  readonly about: string;
  /** What users call the target and its parts, in the singular. */
  readonly words: { readonly target: string; readonly shard: string };
  /** `messaging.system` in OpenTelemetry's conventions, for live metrics; undefined: it is no messaging system. */
  readonly messagingSystem?: string;

  /** Options of `kload run` that this kind adds. */
  readonly options: OptionTable;
  /** Any of these options selects this kind if `--target` is not given. */
  readonly selectedBy: readonly string[];
  /** How to select this kind: the hint of the error for its options with another kind. */
  readonly selectHint: string;
  /** Options of other kinds that this kind accepts as well. */
  sharedOptions(given: GivenOptions): readonly string[];
  /** Options that have no effect for this kind, if their error needs a reason or a hint of its own. */
  unusedOptions(given: GivenOptions): readonly UnusedOptions[];
  /** Pairs of options that exclude each other. */
  readonly exclusive: readonly (readonly [string, string])[];
  /** Throws a KloadError (usage) for options that do not fit together. */
  plan(values: Readonly<Record<string, unknown>>, context: PlanContext): TargetPlan;
  /** The plan as reports and checkpoints show it: options by name, and no secrets. */
  settings(plan: TargetPlan): TargetSettings;
  /** What a user should know before the run starts, in one line. */
  warning(plan: TargetPlan): string | undefined;

  readonly record: RecordTraits;
  /** Records of one batch. */
  readonly batchRecords: { readonly default: number; readonly max: number };
  /**
   * What the target accepts or refuses as a whole, and what is therefore sent again.
   * - record: a batch holds records of any shards, and each record has its own result
   * - batch: a batch is for one shard, and has one result
   */
  readonly unit: 'record' | 'batch';
  /** The most attempts to send a record, unless `--max-attempts` is given. Throttled attempts do not count. */
  readonly attemptsMax: number;
  /** Whether each shard has the documented limits of Kinesis. */
  readonly hasShardLimits: boolean;
  /** True if the target is in this process, and uses a processor of its own. */
  readonly inProcess?: boolean;

  /** Throws a KloadError (target) for a target that cannot be used. */
  open(plan: TargetPlan, wait: TargetWait): Promise<OpenTarget>;
  /** Makes the client that sends. Called in a worker. */
  connect(config: TargetConfig): Promise<Target>;
  /** Called in a worker. */
  partitioner(config: TargetConfig): Partitioner;

  /** The target in a line or two, for the summary. */
  describe(target: TargetReport): readonly string[];
  /** Where the target is, in a few characters, for the dashboard's title. */
  location(target: TargetReport): string | null;
}

/** '1 shard', '1,024 shards', '8 partitions'. */
export function shardsText({ shard }: { readonly shard: string }, count: number): string {
  return `${formatCount(count)} ${shard}${count === 1 ? '' : 's'}`;
}
