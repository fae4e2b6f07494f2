/**
 * All of a stream except its records: a plain object that survives JSON unchanged. Times are epoch milliseconds.
 * Only `Stream.update` changes it.
 */
export interface StreamState {
  readonly name: string;
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  /** 'abcdefghij0123456789-abc' */
  readonly id: string;
  readonly createdAtMs: number;
  mode: StreamMode;
  /** Undefined if the stream is ACTIVE. */
  pending?: Transition | undefined;
  retentionHours: number;
  /** Records that arrived before this time are gone, even if the retention was extended afterwards. */
  trimmedBeforeMs: number;
  maxRecordSizeInKiB: number;
  /** The warm throughput of an on-demand stream; undefined if none was set. */
  warmThroughputMiBps?: number | undefined;
  encryption: Encryption;
  /** All changes of the encryption that still apply to records, oldest first; undefined if it was never changed. */
  encryptionHistory?: readonly EncryptionChange[] | undefined;
  /** When StartStreamEncryption was accepted in the last 24 hours. */
  encryptionStartsMs?: readonly number[] | undefined;
  /** When StopStreamEncryption was accepted in the last 24 hours. */
  encryptionStopsMs?: readonly number[] | undefined;
  tags: Tags;
  /** Names of the enabled shard-level metrics. */
  shardLevelMetrics: readonly string[];
  /** The resource policy, exactly as PutResourcePolicy received it. */
  policy?: string | undefined;
  consumers: ConsumerState[];
  /** Sorted by index, without closed shards that have left retention. The last one is always open. */
  shards: ShardState[];
  /** When UpdateShardCount was accepted in the last 24 hours. */
  shardCountUpdatesMs: number[];
  /** When UpdateStreamMode was accepted in the last 24 hours. */
  modeUpdatesMs: number[];
}

export type StreamMode = 'PROVISIONED' | 'ON_DEMAND';
export type StreamStatus = 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';

/** Never modified, only replaced: assigning to a key such as `__proto__` would not add a member. */
export type Tags = Readonly<Record<string, string>>;

export interface Encryption {
  readonly type: 'NONE' | 'KMS';
  readonly keyId?: string | undefined;
}

export interface EncryptionChange {
  /** Records that arrive from this time on are encrypted this way. */
  readonly fromMs: number;
  readonly type: Encryption['type'];
}

/** A change of a stream that is under way. `Stream.settle` completes it once `untilMs` has passed. */
export interface Transition {
  readonly status: Exclude<StreamStatus, 'ACTIVE'>;
  readonly untilMs: number;
  /** What changes when it is complete. */
  readonly change?: StreamChange | undefined;
}

export interface StreamChange {
  readonly settings?: Partial<
    Pick<StreamState, 'mode' | 'encryption' | 'maxRecordSizeInKiB' | 'shardLevelMetrics' | 'warmThroughputMiBps'>
  >;
  readonly reshard?: readonly ReshardStep[];
}

/** Shards are given by index; they may be ones that an earlier step creates. */
export type ReshardStep = SplitStep | MergeStep;

interface SplitStep {
  readonly type: 'split';
  readonly shard: number;
  /** The first hash key of the second child, decimal. */
  readonly at: string;
}

interface MergeStep {
  readonly type: 'merge';
  /** The one with the lower hash keys first. */
  readonly shards: readonly [number, number];
}

export interface ShardState {
  readonly index: number;
  /** The first and the last hash key, decimal. */
  readonly range: readonly [string, string];
  readonly createdAtMs: number;
  /** Epoch seconds in its sequence numbers. Later than its parents', so that its numbers are higher than theirs. */
  readonly epochSeconds: number;
  readonly parent?: number | undefined;
  /** The other parent, after a merge. */
  readonly adjacentParent?: number | undefined;
  /**
   * In an on-demand stream, when the shard last took a quarter of its capacity in a minute. A change of this alone does
   * not save the state, so after a kill a merge may come early by the time since the last save, at most.
   */
  busyAtMs?: number | undefined;
  /** Undefined while it is open. */
  closedAtMs?: number | undefined;
  /** The position after its last record; undefined while it is open. */
  endPosition?: number | undefined;
}

export interface ConsumerState {
  readonly name: string;
  readonly arn: string;
  readonly createdAtMs: number;
  /** Undefined if it is ACTIVE. */
  pending?: { readonly status: 'CREATING' | 'DELETING'; readonly untilMs: number } | undefined;
  tags: Tags;
  policy?: string | undefined;
}

/** An account's settings in one region. */
export interface AccountState {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  /** The commitment of On-demand Advantage; undefined if it was never enabled. */
  billingCommitment?: { readonly startedAtMs: number; readonly endedAtMs?: number | undefined } | undefined;
}

/** Everything that `Accounts` holds except the records. */
export interface AccountsState {
  readonly accounts: readonly AccountState[];
  readonly streams: readonly StreamState[];
}
