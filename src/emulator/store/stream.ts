import type { Limits } from '../limits/limits.js';
import { ServiceError } from '../protocol/service-error.js';
import { nextConsumerChangeMs, settledConsumers } from './consumer.js';
import type { LogStorage } from './log-keeper.js';
import { canSplit, nextMergeMs, scalingSteps, WriteMeter } from './on-demand.js';
import { partitionOf } from './partition.js';
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

/** What a stream lives in. */
export interface StreamContext {
  readonly pool: SegmentPool;
  /** Undefined: records are in memory alone. */
  readonly storage?: LogStorage | undefined;
  readonly limits: Limits;
  /** Whether on-demand streams split and merge their shards by themselves. */
  readonly onDemandScaling: boolean;
  readonly delays: Delays;
  /** Told of every change of a stream's state, after it happened. */
  readonly changed: (stream: Stream) => void;
}

/** How long a stream stays in each of its passing states, milliseconds. */
export interface Delays {
  readonly createMs: number;
  readonly updateMs: number;
  readonly deleteMs: number;
  /** Of a consumer, until it is ACTIVE, and until it is gone. */
  readonly consumerMs: number;
}

const HOUR_MS = 3_600_000;

/**
 * A stream: its state and what it does. Time changes it only in `settle`, which whoever hands a stream out has called:
 * between that and the end of a request it stays as it is.
 */
export class Stream {
  readonly name: string;
  readonly account: string;
  readonly arn: string;
  readonly id: string;
  readonly traffic = new Traffic();
  readonly #state: StreamState;
  readonly #context: StreamContext;
  /** By index, rising. */
  readonly #shards = new Map<number, Shard>();
  /** Those that take records, by hash key. */
  #open: readonly Shard[] = [];
  /** Indexes of the shards that traffic asks to split. */
  readonly #halfFull = new Set<number>();
  #routes = new ShardRoutes([]);
  /** When `settle` has something to do next, epoch milliseconds. */
  #nextChangeMs = Number.POSITIVE_INFINITY;

  /** @param state becomes the stream's own */
  constructor(state: StreamState, context: StreamContext) {
    this.name = state.name;
    this.account = state.account;
    this.arn = `arn:${partitionOf(state.region)}:kinesis:${state.region}:${state.account}:stream/${state.name}`;
    this.id = state.id;
    this.#state = state;
    this.#context = context;
    this.#arrange();
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

  /** All that have not left retention, closed ones too, by index. A stream that is being created shows none. */
  get shards(): readonly Shard[] {
    return this.status === 'CREATING' ? [] : [...this.#shards.values()];
  }

  /** The shards that take records, by hash key. A stream that is being created shows none. */
  get openShards(): readonly Shard[] {
    return this.status === 'CREATING' ? [] : this.#open;
  }

  /** Counts also those that a stream which is being created will have. */
  get openShardCount(): number {
    return this.#open.length;
  }

  /** The shards that this one was split or merged into. */
  childrenOf({ index }: Shard): readonly Shard[] {
    return this.shards.filter(({ state }) => state.parent === index || state.adjacentParent === index);
  }

  /** Whether the shard, open or closed, has not left retention. */
  hasShard(index: number): boolean {
    return this.#shards.has(index);
  }

  /** The one way in which a stream's state changes. */
  update(change: (state: StreamState) => void): void {
    change(this.#state);
    this.#arrange();
    this.#context.changed(this);
    for (const shard of this.#shards.values()) shard.wake();
  }

  /** Lets the stream be UPDATING for as long as that takes, and then have changed. */
  beginUpdate(change: StreamChange, now: number): void {
    this.#begin({ status: 'UPDATING', untilMs: now + this.#context.delays.updateMs, change }, now);
  }

  /** Lets the stream be DELETING for as long as that takes. */
  beginDelete(now: number): void {
    this.#begin({ status: 'DELETING', untilMs: now + this.#context.delays.deleteMs }, now);
  }

  /** Changes how long records stay. Those that have left by now stay away, also where that became longer. */
  changeRetention(hours: number, now: number): void {
    this.update((state) => {
      state.trimmedBeforeMs = Math.max(state.trimmedBeforeMs, now - this.retentionMs);
      state.retentionHours = hours;
    });
    this.settle(now);
    this.beginUpdate({}, now);
  }

  /** Whether it was deleted, and is not even DELETING any more. */
  isGone(now: number): boolean {
    const { pending } = this.#state;
    return pending?.status === 'DELETING' && now >= pending.untilMs;
  }

  /**
   * Does what has become due: a transition that is over, shards that have left retention.
   * What is done stays done, also when the clock is set back.
   */
  settle(now: number): void {
    if (now < this.#nextChangeMs) return;
    this.update((state) => {
      const { pending } = state;
      if (pending !== undefined && pending.status !== 'DELETING' && now >= pending.untilMs) this.#finish(pending);
      else if (this.#isScaled) this.#scale(now);
      state.consumers = settledConsumers(state.consumers, now);
      state.shards = state.shards.filter(
        ({ closedAtMs }) => closedAtMs === undefined || now <= this.#expiresMs(closedAtMs),
      );
    });
  }

  /** Throws a ResourceInUseException where the stream is not ACTIVE. */
  requireActive(): void {
    if (this.status === 'ACTIVE') return;
    throw new ServiceError(
      'ResourceInUseException',
      `Stream ${this.name} under account ${this.account} not ACTIVE, instead in state ${this.status}`,
    );
  }

  /** The shard that takes records with the hash key which is in `words` at `at`. */
  shardFor(words: Uint32Array, at = 0): Shard {
    return this.#routes.shardFor(words, at);
  }

  /** Throws a ResourceNotFoundException. */
  shard(shardId: string): Shard {
    const index = shardIndexOf(shardId);
    if (index === undefined) {
      throw new ServiceError('ResourceNotFoundException', `Could not find shard ${shardId} in ${this.description}.`);
    }
    const shard = this.#shards.get(index);
    if (shard === undefined || this.status === 'CREATING') {
      throw new ServiceError(
        'ResourceNotFoundException',
        `Shard ${shardIdOf(index)} in ${this.description} does not exist`,
      );
    }
    return shard;
  }

  /** What a record that arrived then, epoch milliseconds, was encrypted with; undefined: with nothing. */
  encryptionAt(atMs: number): 'KMS' | undefined {
    const change = this.#state.encryptionHistory?.findLast(({ fromMs }) => fromMs <= atMs);
    return change?.type === 'KMS' ? 'KMS' : undefined;
  }

  /** How the service's messages name it. */
  get description(): string {
    return `stream ${this.name} under account ${this.account}`;
  }

  /** What the service says of a record, or a read, that is over a shard's limit. */
  rateExceeded(shard: Shard): string {
    return `Rate exceeded for shard ${shard.id} in ${this.description}.`;
  }

  /** Lets go of all records. */
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

  /** Times never go back, as those of the records that they are compared with do not. */
  #recordEncryption(type: Encryption['type'], atMs: number): void {
    const state = this.#state;
    const history = state.encryptionHistory ?? [];
    // What was before the oldest record is told by the last change before it.
    const expired = history.filter(({ fromMs }) => fromMs < atMs - this.retentionMs).length - 1;
    const fromMs = Math.max(atMs, history.at(-1)?.fromMs ?? atMs);
    state.encryptionHistory = [...history.slice(Math.max(0, expired)), { fromMs, type }];
  }

  #reshard(steps: readonly ReshardStep[], atMs: number): void {
    // A shard that an earlier step made has taken no records yet.
    const endPosition = (index: number) => this.#shards.get(index)?.nextPosition ?? Shard.firstPosition;
    reshard(this.#state, steps, atMs, endPosition);
  }

  /** Whether it decides about its shards itself. One that is on its way to another state waits until it is there. */
  get #isScaled(): boolean {
    const { mode, pending } = this.#state;
    return this.#context.onDemandScaling && mode === 'ON_DEMAND' && pending === undefined;
  }

  #scale(now: number): void {
    const open = this.#open.map(({ state }) => state);
    this.#reshard(scalingSteps(this.#state, open, this.#halfFull, now, this.#context.limits.shardsPerStream), now);
    this.#halfFull.clear();
  }

  /** Brings all that is made from the state in line with it. */
  #arrange(): void {
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
      const keeper = storage?.open(this.id, state, pool.segmentBytesMax);
      this.#shards.set(state.index, new Shard(state, { pool, keeper, limits }));
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
    this.#arrangeScaling();
    this.#nextChangeMs = this.#nextDueMs();
  }

  #arrangeScaling(): void {
    const onHalfFull = (shard: ShardState) => {
      // To look at a shard that stays as it is would be to write the state down at each request.
      if (!canSplit(shard, this.#open.length, this.#context.limits.shardsPerStream)) return;
      // The request that is being handled has found its shards already: they change with the next one.
      this.#halfFull.add(shard.index);
      this.#nextChangeMs = Number.NEGATIVE_INFINITY;
    };
    if (!this.#isScaled) this.#halfFull.clear();
    for (const shard of this.#open) {
      if (!this.#isScaled) shard.meter = undefined;
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
    if (this.#isScaled) due.push(nextMergeMs(this.#state, open));
    return due.reduce((least, ms) => Math.min(least, ms));
  }

  /** The last moment at which a shard that was closed then is still there. */
  #expiresMs(closedAtMs: number): number {
    return closedAtMs + this.retentionMs;
  }
}
