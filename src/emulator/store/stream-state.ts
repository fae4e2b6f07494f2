/**
 * All that a stream is except its records: one plain object, which JSON holds without loss. Times are epoch milliseconds.
 * What is readonly never changes; the rest changes through `Stream.update` alone.
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
  /** Undefined: the stream is ACTIVE. */
  pending?: Transition | undefined;
  retentionHours: number;
  /** Records that arrived before are gone, also where the retention became longer since. */
  trimmedBeforeMs: number;
  maxRecordSizeInKiB: number;
  /** What an on-demand stream was asked to be ready for; undefined: nothing was asked. */
  warmThroughputMiBps?: number | undefined;
  encryption: Encryption;
  /** What the records of which time were encrypted with, oldest first; undefined: none ever was. */
  encryptionHistory?: readonly EncryptionChange[] | undefined;
  /** When StartStreamEncryption and StopStreamEncryption were accepted, in the last 24 hours. */
  encryptionStartsMs?: readonly number[] | undefined;
  encryptionStopsMs?: readonly number[] | undefined;
  tags: Tags;
  /** Names of the metrics that were enabled per shard. */
  shardLevelMetrics: readonly string[];
  /** A resource policy, as it was put. */
  policy?: string | undefined;
  consumers: ConsumerState[];
  /** By index, rising; those whose records have all left retention are gone. The last one is always open. */
  shards: ShardState[];
  /** When UpdateShardCount was accepted, in the last 24 hours. */
  shardCountUpdatesMs: number[];
  /** When UpdateStreamMode was accepted, in the last 24 hours. */
  modeUpdatesMs: number[];
}

export type StreamMode = 'PROVISIONED' | 'ON_DEMAND';
export type StreamStatus = 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';

/** Replaced as a whole, never written to: a key may be any text. */
export type Tags = Readonly<Record<string, string>>;

export interface Encryption {
  readonly type: 'NONE' | 'KMS';
  readonly keyId?: string | undefined;
}

/** From then on records are encrypted so. */
export interface EncryptionChange {
  readonly fromMs: number;
  readonly type: Encryption['type'];
}

/** Where a stream is on its way to. It arrives by itself: whoever looks at it after `untilMs` finds it done. */
export interface Transition {
  readonly status: Exclude<StreamStatus, 'ACTIVE'>;
  readonly untilMs: number;
  /** What the stream will then be. */
  readonly change?: StreamChange | undefined;
}

/** What an update makes of a stream once it is through. */
export interface StreamChange {
  readonly settings?: Partial<
    Pick<StreamState, 'mode' | 'encryption' | 'maxRecordSizeInKiB' | 'shardLevelMetrics' | 'warmThroughputMiBps'>
  >;
  readonly reshard?: readonly ReshardStep[];
}

/** Shards are named by their index, also those that an earlier step makes. */
export type ReshardStep =
  | {
      readonly type: 'split';
      readonly shard: number /** Where the second child begins, decimal. */;
      readonly at: string;
    }
  | { readonly type: 'merge' /** The lower one first. */; readonly shards: readonly [number, number] };

export interface ShardState {
  readonly index: number;
  /** The first and the last hash key, decimal. */
  readonly range: readonly [string, string];
  readonly createdAtMs: number;
  /** Epoch seconds that its sequence numbers begin with: later than its parents', so that its numbers are higher. */
  readonly epochSeconds: number;
  readonly parent?: number | undefined;
  /** The other parent, after a merge. */
  readonly adjacentParent?: number | undefined;
  /**
   * When it last took a quarter of what a shard can take in a minute, in an on-demand stream. It is kept with the next
   * change of the stream, not for its own sake: a kill in between can only let a merge that is due after 30 quiet days
   * come early by the time since that change.
   */
  busyAtMs?: number | undefined;
  /** Undefined: it is open. */
  closedAtMs?: number | undefined;
  /** Once it is closed: the position after its last record. */
  endPosition?: number | undefined;
}

export interface ConsumerState {
  readonly name: string;
  readonly arn: string;
  readonly createdAtMs: number;
  /** Undefined: it is ACTIVE. */
  pending?: { readonly status: 'CREATING' | 'DELETING'; readonly untilMs: number } | undefined;
  tags: Tags;
  policy?: string | undefined;
}

/** What an account has set in a region. */
export interface AccountState {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  /** The minimum throughput that On-demand Advantage commits to pay for; undefined: never enabled. */
  billingCommitment?: { readonly startedAtMs: number; readonly endedAtMs?: number | undefined } | undefined;
}

/** All that a world is except the records. */
export interface AccountsState {
  readonly accounts: readonly AccountState[];
  readonly streams: readonly StreamState[];
}
