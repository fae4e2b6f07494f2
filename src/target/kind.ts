import type { RecordTraits } from '../core/record.js';
import type { TargetReport } from '../core/report.js';
import type { TargetSettings } from '../core/run-config.js';
import { formatCount } from '../core/units.js';
import type { OptionTable } from '../options/option.js';
import type { Partitioner } from './partitioner.js';
import type { Target } from './target.js';

/** What is decided about a target from the command line. Plain and without secrets: reports and checkpoints hold it. */
export interface TargetPlan {
  readonly kind: string;
}

/** What a worker needs to send to a target. Plain: it is copied to the worker's thread. */
export interface TargetConfig {
  readonly kind: string;
}

/** Hash keys that let the shards take turns. */
export interface HashKeySpread {
  /** The next hash key, in decimal digits. */
  readonly digits: Buffer;
  /** Moves on to the next hash key, once a record has this one. */
  advance(): void;
}

/** How to wait for a target that does not respond yet. */
export interface TargetWait {
  /** Also bounds each request of the run. Milliseconds. */
  readonly timeoutMs: number;
  /** Called with a sentence that says what is waited for. */
  readonly onWait: (text: string) => void;
}

/** A target that responded: what workers need to send to it, and what a report says of it. */
export interface OpenTarget {
  readonly config: TargetConfig;
  readonly report: TargetReport;
  /** The ids of the shards, or partitions, in the target's order. */
  readonly shardIds: readonly string[];
  /** Starts `--spread even`; undefined where records carry no hash keys. */
  readonly spread: (() => HashKeySpread) | undefined;
  /** The largest record: its data, its key, and its attributes where they count. Bytes. */
  readonly recordBytesMax: number;
  /** The largest batch, in bytes, and what each record adds to it besides its own bytes. */
  readonly batchBytesMax: number;
  readonly recordOverheadBytes: number;

  /** Calls back if the target dies before it is closed: only a target inside this process can. */
  onCrash(listener: (error: Error) => void): void;
  close(): Promise<void>;
}

/** Options that the run would have to ignore, which is worse than refusing them. */
export interface UnusedOptions {
  readonly names: readonly string[];
  /** Completes `--option …`. */
  readonly why: string;
  readonly hint: string;
}

/** What the user gave, as far as a kind decides by it. */
export interface GivenOptions {
  isSet(name: string): boolean;
  /** The text of an option, from its flag or its environment variable. */
  text(name: string): unknown;
}

/** What a plan is made from, besides the values of the options. */
export interface PlanContext {
  /** What came by flags alone. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly env: NodeJS.ProcessEnv;
  /** Bytes of each generated record; undefined: records come from files. */
  readonly generatedBytes: number | undefined;
}

/**
 * All that differs between the kinds of target. A new kind is a folder with one of these, and a line in `kinds.ts`.
 * It loads the client that it needs on demand, so that a run pays for its own kind alone.
 */
export interface TargetKind {
  /** As `--target` takes it. */
  readonly name: string;
  /** What `--help` says of it beside its name; empty where the name says all. */
  readonly about: string;
  /** What users call the target and its parts, in the singular. */
  readonly words: { readonly target: string; readonly shard: string };

  /** Options of `kload run` that this kind adds. */
  readonly options: OptionTable;
  /** Any of these options selects this kind where `--target` is not given. */
  readonly selectedBy: readonly string[];
  /** What to do to send to this kind: the hint when its options are given for another one. */
  readonly selectHint: string;
  /** Options of other kinds that this kind takes, too. */
  sharedOptions(given: GivenOptions): readonly string[];
  /** Options that have no meaning for this kind, and need a reason or a hint of their own. */
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
   * What the target accepts or refuses, and what is sent again. record: a batch holds records of any shards, and each
   * has a result of its own. batch: a batch is for one shard, and has one result.
   */
  readonly unit: 'record' | 'batch';
  /** Attempts before a record is given up, unless `--max-attempts` says otherwise. Throttles do not count. */
  readonly attemptsMax: number;
  /** Whether each shard has the documented limits of Kinesis. */
  readonly hasShardLimits: boolean;

  /** Throws a KloadError (target) for a target that cannot be used. */
  open(plan: TargetPlan, wait: TargetWait): Promise<OpenTarget>;
  /** Runs in a worker. */
  connect(config: TargetConfig): Promise<Target>;
  /** Runs in a worker. */
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
