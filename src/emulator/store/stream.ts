import type { Limits } from '../limits/limits.js';
import { partitionOf } from '../protocol/arn.js';
import { resourceInUse, resourceNotFound } from '../protocol/service-error.js';
import { nextConsumerChangeMs, settledConsumers } from './consumer.js';
import type { LogStorage } from './durable-log.js';
import { canSplit, nextMergeMs, scalingSteps, WriteMeter } from './on-demand.js';
import { reshard } from './reshard.js';
import type { SegmentPool } from './segment-pool.js';
import { Shard, shardIdOf, shardIndexOf } from './shard.js';
import { ShardRoutes } from './shard-routes.js';
import type {
  Encryption,
  ReshardStep,
  ShardState,
  StreamChange,
  StreamState,
  StreamStatus,
  Transition,
} from './stream-state.js';
import { Traffic } from './traffic.js';

/** What all streams share. */
export interface StreamContext {
  readonly pool: SegmentPool;
  /** Undefined if records are in memory only. */
  readonly storage?: LogStorage | undefined;
  readonly limits: Limits;
  /** Whether on-demand streams split and merge their shards as their traffic changes. */
  readonly onDemandScaling: boolean;
  readonly delays: Delays;
  /** Called after each change of a stream's state. */
  readonly changed: (stream: Stream) => void;
}

/** How long streams stay CREATING, UPDATING and DELETING, milliseconds. */
export interface Delays {
  readonly createMs: number;
  readonly updateMs: number;
  readonly deleteMs: number;
  /** How long consumers stay CREATING, and DELETING. */
  readonly consumerMs: number;
}

const HOUR_MS = 3_600_000;

/**
 * A stream. The passing of time changes it only in `settle`, which `Accounts` calls before it returns a stream, so that
 * the stream stays the same while a request is handled.
 */
export class Stream {
  readonly name: string;
  readonly account: string;
  readonly arn: string;
  readonly id: string;
  readonly traffic = new Traffic();
  readonly #state: StreamState;
  readonly #context: StreamContext;
  /** Sorted by index. */
  readonly #shards = new Map<number, Shard>();
  /** The open shards, sorted by hash key. */
  #open: readonly Shard[] = [];
  /** Indexes of the shards that should be split because of their traffic. */
  readonly #halfFull = new Set<number>();
  #routes = new ShardRoutes([]);
  /** When `settle` next has something to do, epoch milliseconds. */
  #nextChangeMs = Number.POSITIVE_INFINITY;

  /** @param state owned by the stream from now on */
  constructor(state: StreamState, context: StreamContext) {
    this.name = state.name;
    this.account = state.account;
    this.arn = `arn:${partitionOf(state.region)}:kinesis:${state.region}:${state.account}:stream/${state.name}`;
    this.id = state.id;
    this.#state = state;
    this.#context = context;
    this.#rebuild();
  }

  get state(): Readonly<StreamState> {
    return this.#state;
  }

  get status(): StreamStatus {
    return this.#state.pending?.status ?? 'ACTIVE';
  }

  get retentionMs(): number {
    return this.#state.retentionHours * HOUR_MS;
  }

  /** All shards that have not left retention, sorted by index. Empty while the stream is CREATING. */
  get shards(): readonly Shard[] {
    return this.status === 'CREATING' ? [] : [...this.#shards.values()];
  }

  /** The open shards, sorted by hash key. Empty while the stream is CREATING. */
  get openShards(): readonly Shard[] {
    return this.status === 'CREATING' ? [] : this.#open;
  }

  /** The number of open shards, even while the stream is CREATING. */
  get openShardCount(): number {
    return this.#open.length;
  }

  /** The shards that this one was split or merged into. */
  childrenOf({ index }: Shard): readonly Shard[] {
    return this.shards.filter(({ state }) => state.parent === index || state.adjacentParent === index);
  }

  /** Whether the shard exists and has not left retention. */
  hasShard(index: number): boolean {
    return this.#shards.has(index);
  }

  /** The only way to change a stream's state. */
  update(change: (state: StreamState) => void): void {
    change(this.#state);
    this.#rebuild();
    this.#context.changed(this);
    for (const shard of this.#shards.values()) shard.wake();
  }

  /** Makes the stream UPDATING for the update delay, and then applies the change. */
  beginUpdate(change: StreamChange, now: number): void {
    this.#begin({ status: 'UPDATING', untilMs: now + this.#context.delays.updateMs, change }, now);
  }

  /** Makes the stream DELETING. It is gone after the delete delay. */
  beginDelete(now: number): void {
    this.#begin({ status: 'DELETING', untilMs: now + this.#context.delays.deleteMs }, now);
  }

  /** Changes the retention. Records that have left retention by now do not come back if it becomes longer. */
  changeRetention(hours: number, now: number): void {
    this.update((state) => {
      state.trimmedBeforeMs = Math.max(state.trimmedBeforeMs, now - this.retentionMs);
      state.retentionHours = hours;
    });
    this.settle(now);
    this.beginUpdate({}, now);
  }

  /** Whether it was deleted and is no longer DELETING. */
  isGone(now: number): boolean {
    const { pending } = this.#state;
    return pending?.status === 'DELETING' && now >= pending.untilMs;
  }

  /**
   * Applies the changes that are due: ends transitions, scales an on-demand stream, removes shards that left retention.
   * They are not reverted if the clock is set back.
   */
  settle(now: number): void {
    if (now < this.#nextChangeMs) return;
    this.update((state) => {
      const { pending } = state;
      if (pending !== undefined && pending.status !== 'DELETING' && now >= pending.untilMs) this.#finish(pending);
      else if (this.#isAutoScaled) this.#scale(now);
      state.consumers = settledConsumers(state.consumers, now);
      state.shards = state.shards.filter(
        ({ closedAtMs }) => closedAtMs === undefined || now <= this.#expiresMs(closedAtMs),
      );
    });
  }

  /** Throws a ResourceInUseException if the stream is not ACTIVE. */
  requireActive(): void {
    if (this.status === 'ACTIVE') return;
    throw resourceInUse(
      `Stream ${this.name} under account ${this.account} not ACTIVE, instead in state ${this.status}`,
    );
  }

  /** The open shard for the hash key in `words` at index `at`. */
  shardFor(words: Uint32Array, at = 0): Shard {
    return this.#routes.shardFor(words, at);
  }

  /** Throws a ResourceNotFoundException if there is no such shard. */
  shard(shardId: string): Shard {
    const index = shardIndexOf(shardId);
    if (index === undefined) {
      throw resourceNotFound(`Could not find shard ${shardId} in ${this.description}.`);
    }
    const shard = this.#shards.get(index);
    if (shard === undefined || this.status === 'CREATING') {
      throw resourceNotFound(`Shard ${shardIdOf(index)} in ${this.description} does not exist`);
    }
    return shard;
  }

  /** The encryption of records that arrived at this time, epoch milliseconds; undefined if they are not encrypted. */
  encryptionAt(atMs: number): 'KMS' | undefined {
    const change = this.#state.encryptionHistory?.findLast(({ fromMs }) => fromMs <= atMs);
    return change?.type === 'KMS' ? 'KMS' : undefined;
  }

  /** How the service's messages name the stream. */
  get description(): string {
    return `stream ${this.name} under account ${this.account}`;
  }

  /** The service's message for a write or a read that is over a shard's limit. */
  rateExceeded(shard: Shard): string {
    return `Rate exceeded for shard ${shard.id} in ${this.description}.`;
  }

  /** Drops all records. */
  clear(): void {
    for (const shard of this.#shards.values()) shard.clear();
  }

  #begin(pending: Transition, now: number): void {
    this.update((state) => {
      state.pending = pending;
    });
    this.settle(now);
  }

  #finish({ untilMs, change }: Transition): void {
    const state = this.#state;
    state.pending = undefined;
    Object.assign(state, change?.settings);
    if (change?.settings?.encryption !== undefined) this.#recordEncryption(change.settings.encryption.type, untilMs);
    if (state.mode === 'PROVISIONED') state.warmThroughputMiBps = undefined;
    this.#reshard(change?.reshard ?? [], untilMs);
  }

  /** Keeps the times in order even if the clock was set back, as shards do with arrival times. */
  #recordEncryption(type: Encryption['type'], atMs: number): void {
    const state = this.#state;
    const history = state.encryptionHistory ?? [];
    // The last change before the oldest record still applies to that record.
    const expired = history.filter(({ fromMs }) => fromMs < atMs - this.retentionMs).length - 1;
    const fromMs = Math.max(atMs, history.at(-1)?.fromMs ?? atMs);
    state.encryptionHistory = [...history.slice(Math.max(0, expired)), { fromMs, type }];
  }

  #reshard(steps: readonly ReshardStep[], atMs: number): void {
    // A shard that an earlier step created has no records yet.
    const endPosition = (index: number) => this.#shards.get(index)?.nextPosition ?? Shard.firstPosition;
    reshard(this.#state, steps, atMs, endPosition);
  }

  /** Whether its traffic determines its shards. Not during a transition: scaling waits until the stream is ACTIVE. */
  get #isAutoScaled(): boolean {
    const { mode, pending } = this.#state;
    return this.#context.onDemandScaling && mode === 'ON_DEMAND' && pending === undefined;
  }

  #scale(now: number): void {
    const open = this.#open.map(({ state }) => state);
    this.#reshard(scalingSteps(this.#state, open, this.#halfFull, now, this.#context.limits.shardsPerStream), now);
    this.#halfFull.clear();
  }

  /** Updates everything that is derived from the state. */
  #rebuild(): void {
    const { shards } = this.#state;
    const indexes = new Set(shards.map(({ index }) => index));
    for (const [index, shard] of this.#shards) {
      if (indexes.has(index)) continue;
      shard.clear();
      this.#shards.delete(index);
    }
    const { pool, storage, limits } = this.#context;
    for (const state of shards) {
      if (this.#shards.has(state.index)) continue;
      const durable = storage?.open(this.id, state, pool.segmentBytesMax);
      this.#shards.set(state.index, new Shard(state, { pool, durable, limits }));
    }
    for (const shard of this.#shards.values()) {
      shard.traffic = this.traffic;
      shard.retentionMs = this.retentionMs;
      shard.trimmedBeforeMs = this.#state.trimmedBeforeMs;
    }
    this.#open = [...this.#shards.values()]
      .filter((shard) => shard.isOpen)
      .sort((a, b) => (a.range.end < b.range.end ? -1 : 1));
    this.#routes = new ShardRoutes(this.#open);
    this.#rebuildMeters();
    this.#nextChangeMs = this.#nextDueMs();
  }

  #rebuildMeters(): void {
    const onHalfFull = (shard: ShardState) => {
      // A shard that cannot be split would make `settle` save the state at each request.
      if (!canSplit(shard, this.#open.length, this.#context.limits.shardsPerStream)) return;
      // The current request has already looked up its shards, so the split waits for the next request.
      this.#halfFull.add(shard.index);
      this.#nextChangeMs = Number.NEGATIVE_INFINITY;
    };
    if (!this.#isAutoScaled) this.#halfFull.clear();
    for (const shard of this.#open) {
      if (!this.#isAutoScaled) shard.meter = undefined;
      else shard.meter ??= new WriteMeter(shard.state, onHalfFull);
    }
  }

  #nextDueMs(): number {
    const { shards, pending } = this.#state;
    if (this.#halfFull.size > 0) return Number.NEGATIVE_INFINITY;
    const due = [nextConsumerChangeMs(this.#state.consumers)];
    if (pending !== undefined && pending.status !== 'DELETING') due.push(pending.untilMs);
    for (const { closedAtMs } of shards) {
      if (closedAtMs !== undefined) due.push(this.#expiresMs(closedAtMs) + 1);
    }
    const open = this.#open.map(({ state }) => state);
    if (this.#isAutoScaled) due.push(nextMergeMs(this.#state, open));
    return due.reduce((least, ms) => Math.min(least, ms));
  }

  /** The last moment at which a shard that was closed at this time still exists. */
  #expiresMs(closedAtMs: number): number {
    return closedAtMs + this.retentionMs;
  }
}
