import { once, setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { TailFrom, TailPlan } from '../config/tail-plan.js';
import { isNamed, KloadError } from '../core/errors.js';
import type { Failure } from '../core/failure.js';
import type { Position } from '../core/stream-record.js';
import type { ChildShard, ListedShard } from '../kinesis/read/readable-stream.js';
import { Merge } from './merge.js';
import type { RecordSink } from './output.js';
import { type EndReason, type TailResult, TailTotals } from './result.js';
import { type Pause, Retrier } from './retrier.js';
import { ShardGraph } from './shard-graph.js';
import type { ReadPage, ShardReader } from './shard-reader.js';
import type { TailedStream } from './tailed-stream.js';

/** Which part of a stream a tail reads, and when it ends. */
export type TailRange = Pick<TailPlan, 'from' | 'shards' | 'follow' | 'count' | 'durationMs' | 'untilMs'>;

/** Callbacks by which a tail reports what happens while it runs. */
export interface TailNotes {
  /** The tail waits for something before it can begin. */
  waiting(text: string): void;
  /** All positions are fixed, so all records written from now on will be read. */
  ready(shards: number): void;
  resharded(shardId: string, children: readonly string[]): void;
  /** The tail has found and begun to read more shards or partitions. */
  grown(shardIds: readonly string[]): void;
  /** The records from sequence number `from` up to, but not including, `to` are gone. */
  lost(shardId: string, from: number, to: number): void;
  trouble(failure: Failure): void;
  recovered(): void;
}

export interface TailParts {
  readonly part: TailResult['part'];
  readonly range: TailRange;
  readonly stream: TailedStream;
  /** How often to list the shards again to find new ones; undefined: never. */
  readonly relistEveryMs: number | undefined;
  readonly readShard: ShardReader;
  readonly output: RecordSink;
  readonly notes: TailNotes;
  /** How long a request may go without a useful response, milliseconds. */
  readonly timeoutMs: number;
  /** Replaces the real pause in tests. */
  readonly pause?: Pause;
}

/** How long after `--until` the tail waits for records that arrived before it, because clocks differ. */
const CLOCK_MARGIN_MS = 2_000;
/** A shard has caught up after so many pages in a row that were its last. If it was closed, the second one says so. */
const CAUGHT_UP_PAGES = 2;
/** How long a write may still take when the tail ends. */
const WRITE_GRACE_MS = 1_000;

/** The memory for the pages of all shards together, bytes. Each shard may hold at least one record of any size. */
const PAGES_BYTES = 64 * 1024 * 1024;
const PAGE_BYTES_MIN = 64 * 1024;
/** The bytes that a shard allows to be read per second. */
const PAGE_BYTES_MAX = 2 * 1024 * 1024;

/** Reads a stream's shards, each after its parents, and writes their records in the order of their arrival. */
export class Tail {
  readonly #parts: TailParts;
  readonly #stop = new AbortController();
  readonly #graph = new ShardGraph();
  readonly #merge = new Merge();
  readonly #totals: TailTotals;
  readonly #retrier: Retrier;
  readonly #readers = new Set<Promise<void>>();
  /** Shards that were closed before the tail began. They end only when the service says so. */
  readonly #closed = new Set<string>();
  /** Shards whose position is not fixed yet. */
  readonly #unpositioned = new Set<string>();
  /** The number of shards that the tail began with. */
  #begun = 0;
  /** True once a shard was read up to `untilMs`. */
  #passedUntil = false;
  #reason: EndReason | undefined;
  #error: unknown;

  constructor(parts: TailParts) {
    this.#parts = parts;
    this.#totals = new TailTotals(parts.part);
    // Each waiting shard adds a listener, so a large number of them is not a leak.
    setMaxListeners(0, this.#stop.signal);
    const { timeoutMs, notes, pause = (ms, signal) => delay(ms, undefined, { signal }) } = parts;
    this.#retrier = new Retrier({
      timeoutMs,
      pause,
      signal: this.#stop.signal,
      failureOf: (error) => parts.stream.failureOf(error),
      onTrouble: (failure) => notes.trouble(failure),
      onRecovery: () => notes.recovered(),
    });
  }

  /** Ends the tail on the user's request. A write in progress is completed. */
  stop(): void {
    this.#end('interrupted');
  }

  /** The result up to now. */
  progress(): TailResult {
    const { records, bytes } = this.#parts.output;
    return this.#totals.result(this.#reason, records, bytes, this.#graph.waiting);
  }

  /** Reads to the end of the range. Throws a KloadError if something else ends the tail. Must be called only once. */
  async run(): Promise<TailResult> {
    const { range, stream } = this.#parts;
    const { durationMs } = range;
    const timer = durationMs === undefined ? undefined : setTimeout(() => this.#end('duration'), durationMs);
    let watch: Promise<void> | undefined;
    try {
      await this.#begin();
      watch = this.#watch().catch((error) => this.#fail(error));
      await this.#write();
    } catch (error) {
      this.#fail(error);
    } finally {
      clearTimeout(timer);
      this.#stop.abort();
      await Promise.all([watch, ...this.#readers]);
    }
    if (this.#error !== undefined) throw await stream.explain(this.#error);
    return this.progress();
  }

  async #begin(): Promise<void> {
    const { from, shards } = this.#parts.range;
    const listed = await this.#list();
    checkNamed(shards, listed, this.#parts.part);
    const leftOut = ({ id, closed }: ListedShard) =>
      shards.length > 0 ? !shards.includes(id) : from.kind === 'latest' && closed;
    this.#graph.skip(listed.filter(leftOut).map(({ id }) => id));
    this.#graph.add(listed);
    for (const { id, closed } of listed) if (closed) this.#closed.add(id);
    const ready = this.#graph.takeReady();
    this.#begun = ready.length;
    for (const id of ready) this.#unpositioned.add(id);
    for (const id of ready) this.#start(id, positionOf(from), from.kind === 'latest');
    if (ready.length === 0) this.#end(from.kind === 'latest' ? 'all-ended' : 'caught-up');
  }

  /** Starts readers for shards that are added to the stream while it is read. */
  async #watch(): Promise<void> {
    const { range, relistEveryMs, notes } = this.#parts;
    if (relistEveryMs === undefined || range.shards.length > 0 || !range.follow) return;
    for (;;) {
      await this.#retrier.pause(relistEveryMs);
      this.#graph.add(await this.#list());
      const added = this.#graph.takeReady();
      if (added.length > 0) notes.grown(added);
      for (const id of added) this.#start(id, laterPositionOf(range.from), true);
    }
  }

  /** Writes the merged records. */
  async #write(): Promise<void> {
    const { output, range } = this.#parts;
    const { signal } = this.#stop;
    const countMax = range.count ?? Number.POSITIVE_INFINITY;
    for await (const batch of this.#merge.batches(signal)) {
      const taken = await withGrace(output.write(batch.slice(0, countMax - output.records)), signal);
      if (taken === undefined) return;
      if (!taken) this.#end('pipe');
      else if (output.records >= countMax) this.#end('count');
    }
  }

  /** @param caughtUp whether the other shards need not wait for this one, whose first event may take 5 s */
  #start(shardId: string, from: Position, caughtUp: boolean): void {
    this.#merge.open(shardId, caughtUp);
    this.#totals.shardBegun();
    const empty = caughtUp ? undefined : () => this.#merge.empty(shardId);
    const reader = this.#readShard(shardId, from, empty)
      .catch((error) => this.#fail(error))
      .finally(() => {
        this.#merge.close(shardId);
        this.#readers.delete(reader);
        if (this.#readers.size === 0) this.#allRead();
      });
    this.#readers.add(reader);
  }

  async #readShard(shardId: string, from: Position, empty: (() => void) | undefined): Promise<void> {
    const { signal } = this.#stop;
    const { notes } = this.#parts;
    const positioned = () => this.#positioned(shardId);
    const lost = (from: number, to: number) => notes.lost(shardId, from, to);
    const pageBytesMax = () => Math.min(PAGE_BYTES_MAX, Math.max(PAGE_BYTES_MIN, PAGES_BYTES / this.#readers.size));
    try {
      const retrier = this.#retrier;
      const reading = { shardId, from, retrier, signal, pageBytesMax, positioned, empty, lost };
      let caughtUpPages = 0;
      for await (const page of this.#parts.readShard(reading)) {
        caughtUpPages = page.behindMs === 0 ? caughtUpPages + 1 : 0;
        const isPast = await this.#deliver(shardId, page);
        if (signal.aborted || isPast || page.isEnough) return;
        if (page.ended) return await this.#shardEnded(shardId, page.children, page.behindMs === 0);
        if (this.#isEnough(shardId, caughtUpPages)) return;
      }
    } catch (error) {
      // A shard that left retention while it waited for its parents has no more records.
      if (
        signal.aborted ||
        !isNamed(error, 'ResourceNotFoundException') ||
        (await this.#list()).some(({ id }) => id === shardId)
      )
        throw error;
      await this.#shardEnded(shardId, [], false);
    }
  }

  /** Hands a page's records up to `untilMs` on. Returns whether the shard has no more records before that time. */
  async #deliver(shardId: string, page: ReadPage): Promise<boolean> {
    const untilMs = this.#parts.range.untilMs ?? Number.POSITIVE_INFINITY;
    const { records, behindMs } = page;
    const cut = records.findIndex(({ arrivedAtMs }) => arrivedAtMs >= untilMs);
    const isPast = cut >= 0 || (behindMs === 0 && Date.now() >= untilMs + CLOCK_MARGIN_MS);
    if (isPast) this.#passedUntil = true;
    const first = records[0];
    if (first !== undefined) this.#totals.shardBehind(shardId, Math.max(behindMs, Date.now() - first.arrivedAtMs));
    await this.#merge.put(shardId, cut < 0 ? records : records.slice(0, cut), behindMs === 0 || isPast);
    if (!this.#stop.signal.aborted || records.length === 0) this.#totals.shardBehind(shardId, behindMs);
    return isPast;
  }

  #isEnough(shardId: string, caughtUpPages: number): boolean {
    return !this.#parts.range.follow && caughtUpPages >= CAUGHT_UP_PAGES && !this.#closed.has(shardId);
  }

  /** Notes the end of a shard, and starts readers for those of its children that may be read now. */
  async #shardEnded(shardId: string, children: readonly ChildShard[], caughtUp: boolean): Promise<void> {
    const { range, notes } = this.#parts;
    this.#totals.shardEnded(shardId);
    if (range.shards.length === 0) {
      const isKnown = ({ id, parents }: ChildShard) =>
        this.#graph.knows(id) || parents.every((parent) => this.#graph.knows(parent));
      // Without listing the shards, a child could be read before one of its parents that is not known yet.
      const isComplete = children.length > 0 ? children.every(isKnown) : this.#graph.childrenOf(shardId).length > 0;
      if (!isComplete) this.#graph.add(await this.#list());
      this.#graph.add(children);
    }
    this.#graph.finish(shardId);
    const known = [...new Set([...this.#graph.childrenOf(shardId), ...children.map(({ id }) => id)])];
    if (known.length > 0) notes.resharded(shardId, known);
    // If the shard ended while the tail read it, its children began only now.
    const isRecent = caughtUp && !this.#closed.has(shardId);
    for (const id of this.#graph.takeReady()) this.#start(id, laterPositionOf(range.from), isRecent);
  }

  #list(): Promise<readonly ListedShard[]> {
    const { from } = this.#parts.range;
    const endedAfterMs = from.kind === 'time' ? from.atMs : undefined;
    return this.#retrier.call(() => this.#parts.stream.listShards(endedAfterMs));
  }

  #positioned(shardId: string): void {
    const wasLast = this.#unpositioned.delete(shardId) && this.#unpositioned.size === 0;
    if (wasLast) this.#parts.notes.ready(this.#begun);
  }

  #allRead(): void {
    this.#merge.finish();
    if (this.#stop.signal.aborted) return;
    if (this.#passedUntil) this.#reason ??= 'until';
    else this.#reason ??= this.#parts.range.follow ? 'all-ended' : 'caught-up';
  }

  #end(reason: EndReason): void {
    this.#reason ??= reason;
    this.#stop.abort();
  }

  #fail(error: unknown): void {
    // Once the tail is ending, any error but a KloadError is a consequence of that.
    if (!this.#stop.signal.aborted || error instanceof KloadError) this.#error ??= error;
    this.#stop.abort();
  }
}

function checkNamed(named: readonly string[], listed: readonly ListedShard[], part: TailResult['part']): void {
  const missing = named.find((id) => !listed.some((shard) => shard.id === id));
  if (missing === undefined) return;
  const some = listed.slice(0, 3).map(({ id }) => id);
  const ids = `${some.join(', ')}${listed.length > some.length ? ', …' : ''}`;
  const whole = part === 'shard' ? 'stream' : 'topic';
  throw new KloadError('target', `the ${whole} has no ${part} ${missing}`, `its ${listed.length} ${part}s are ${ids}`);
}

function positionOf(from: TailFrom): Position {
  switch (from.kind) {
    case 'latest':
      return { type: 'LATEST' };
    case 'trim-horizon':
      return { type: 'TRIM_HORIZON' };
    case 'time':
      return { type: 'AT_TIMESTAMP', atMs: from.atMs };
    case 'sequence-number':
      return { type: 'AT_SEQUENCE_NUMBER', sequenceNumber: from.sequenceNumber };
  }
}

/** The position for shards that begin later. LATEST would skip their first records. */
function laterPositionOf(from: TailFrom): Position {
  return from.kind === 'time' ? positionOf(from) : { type: 'TRIM_HORIZON' };
}

/** Returns the result of a write, or undefined if it takes too long after the signal. */
async function withGrace<T>(write: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const done = new AbortController();
  const grace = async () => {
    if (!signal.aborted) await once(signal, 'abort', { signal: done.signal }).catch(() => {});
    await delay(WRITE_GRACE_MS, undefined, { signal: done.signal }).catch(() => {});
    return undefined;
  };
  try {
    return await Promise.race([write, grace()]);
  } finally {
    done.abort();
  }
}
