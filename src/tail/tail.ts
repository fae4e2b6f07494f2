import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { TailFrom } from '../config/tail-plan.js';
import { KloadError } from '../core/errors.js';
import type { Failure } from '../core/failure.js';
import type { Position } from '../core/stream-record.js';
import type { ChildShard, ListedShard } from '../kinesis/read/readable-stream.js';
import { Merge } from './merge.js';
import type { Output } from './output.js';
import { Patience, type Pause } from './patience.js';
import { type EndReason, type TailResult, TailTotals } from './result.js';
import { ShardGraph } from './shard-graph.js';
import type { ReadPage, ShardReader } from './shard-reader.js';
import type { TailedStream } from './tailed-stream.js';

/** What is read of a stream, and when that is all. */
export interface TailRange {
  readonly from: TailFrom;
  /** Ids; empty: all shards. */
  readonly shards: readonly string[];
  readonly follow: boolean;
  readonly count: number | undefined;
  readonly durationMs: number | undefined;
  /** Epoch milliseconds. */
  readonly untilMs: number | undefined;
}

/** What a tail tells while it goes on. */
export interface TailNotes {
  /** What keeps the tail from beginning. */
  waiting(text: string): void;
  /** The service has taken note of all positions: what is written from now on will be read. */
  ready(shards: number): void;
  resharded(shardId: string, children: readonly string[]): void;
  /** There are more of them, which are read, too. */
  grown(shardIds: readonly string[]): void;
  /** Records from one sequence number on, up to but without another, are not there any more. */
  lost(shardId: string, from: number, to: number): void;
  trouble(failure: Failure): void;
  recovered(): void;
}

export interface TailParts {
  readonly part: TailResult['part'];
  readonly range: TailRange;
  readonly stream: TailedStream;
  /** How often it is looked for shards that nothing tells of; undefined: not at all. */
  readonly relistEveryMs: number | undefined;
  readonly readShard: ShardReader;
  readonly output: Output;
  readonly notes: TailNotes;
  /** How long the stream may leave a request without a useful answer. */
  readonly timeoutMs: number;
  /** Waits as long as it is told, unless given. */
  readonly pause?: Pause;
}

/** Clocks differ: records that arrive before a moment are waited for a little longer. */
const CLOCK_MARGIN_MS = 2_000;
/** Two answers in a row that leave nothing: of a shard that was closed meanwhile the second one says so. */
const CAUGHT_UP_PAGES = 2;
/** How long a write may still take when the tail is to end. */
const WRITE_GRACE_MS = 1_000;

/** Memory for the pages of all shards together, bytes; one record of each is held whatever it weighs. */
const PAGES_BYTES = 64 * 1024 * 1024;
const PAGE_BYTES_MIN = 64 * 1024;
/** What a shard lets be read in a second. */
const PAGE_BYTES_MAX = 2 * 1024 * 1024;

/** Reads a stream's shards, each after its parents, and writes their records in the order of their arrival. */
export class Tail {
  readonly #parts: TailParts;
  readonly #stop = new AbortController();
  readonly #graph = new ShardGraph();
  readonly #merge = new Merge();
  readonly #totals: TailTotals;
  readonly #patience: Patience;
  readonly #readers = new Set<Promise<void>>();
  /** Shards that were closed before the tail began: they are at their end only when the service says so. */
  readonly #closed = new Set<string>();
  /** Shards whose position is still to be taken. */
  readonly #unpositioned = new Set<string>();
  /** How many shards it began with. */
  #begun = 0;
  /** A shard was left at a record that arrived after `untilMs`. */
  #passedUntil = false;
  #reason: EndReason | undefined;
  #error: unknown;

  constructor(parts: TailParts) {
    this.#parts = parts;
    this.#totals = new TailTotals(parts.part);
    // Each shard listens while it waits: that many are no leak.
    setMaxListeners(0, this.#stop.signal);
    const { timeoutMs, notes, pause = (ms, signal) => delay(ms, undefined, { signal }) } = parts;
    this.#patience = new Patience({
      timeoutMs,
      pause,
      signal: this.#stop.signal,
      failureOf: (error) => parts.stream.failureOf(error),
      onTrouble: (failure) => notes.trouble(failure),
      onRecovery: () => notes.recovered(),
    });
  }

  /** Ends the tail from outside: what is being written is finished. */
  stop(): void {
    this.#end('interrupted');
  }

  /** What was read so far. */
  progress(): TailResult {
    const { records, bytes } = this.#parts.output;
    return this.#totals.result(this.#reason, records, bytes, this.#graph.waiting);
  }

  /** Reads until an end that was asked for; throws what else ended it, as a KloadError where it is no bug. To be called once. */
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

  /** Begins what is added to the stream while it is read. */
  async #watch(): Promise<void> {
    const { range, relistEveryMs, notes } = this.#parts;
    if (relistEveryMs === undefined || range.shards.length > 0 || !range.follow) return;
    for (;;) {
      await this.#patience.pause(relistEveryMs);
      this.#graph.add(await this.#list());
      const added = this.#graph.takeReady();
      if (added.length > 0) notes.grown(added);
      for (const id of added) this.#start(id, laterPositionOf(range.from), true);
    }
  }

  /** Takes what the merge gives, to the end. */
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

  /** @param caughtUp whether the shard holds nothing that others would have to wait for: its first event may take 5 s */
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
      const patience = this.#patience;
      const reading = { shardId, from, patience, signal, pageBytesMax, positioned, empty, lost };
      let caughtUpPages = 0;
      for await (const page of this.#parts.readShard(reading)) {
        caughtUpPages = page.behindMs === 0 ? caughtUpPages + 1 : 0;
        const isPast = await this.#deliver(shardId, page);
        if (signal.aborted || isPast || page.isEnough) return;
        if (page.ended) return await this.#shardEnded(shardId, page.children, page.behindMs === 0);
        if (this.#isEnough(shardId, caughtUpPages)) return;
      }
    } catch (error) {
      // A shard that leaves retention while it waits for its turn has nothing to give any more.
      if (signal.aborted || !isNotFound(error) || (await this.#list()).some(({ id }) => id === shardId)) throw error;
      await this.#shardEnded(shardId, [], false);
    }
  }

  /** Hands a page on, up to `untilMs`; tells whether the shard has nothing more before that. */
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

  /** A shard was read to its end: its children may be next. */
  async #shardEnded(shardId: string, children: readonly ChildShard[], caughtUp: boolean): Promise<void> {
    const { range, notes } = this.#parts;
    this.#totals.shardEnded(shardId);
    if (range.shards.length === 0) {
      const isKnown = ({ id, parents }: ChildShard) =>
        this.#graph.knows(id) || parents.every((parent) => this.#graph.knows(parent));
      // Without a list, a child could be begun before a parent of it that nobody has told of yet.
      const isComplete = children.length > 0 ? children.every(isKnown) : this.#graph.childrenOf(shardId).length > 0;
      if (!isComplete) this.#graph.add(await this.#list());
      this.#graph.add(children);
    }
    this.#graph.finish(shardId);
    const known = [...new Set([...this.#graph.childrenOf(shardId), ...children.map(({ id }) => id)])];
    if (known.length > 0) notes.resharded(shardId, known);
    // What ended under the eyes of the tail has children as young as its end.
    const isRecent = caughtUp && !this.#closed.has(shardId);
    for (const id of this.#graph.takeReady()) this.#start(id, laterPositionOf(range.from), isRecent);
  }

  #list(): Promise<readonly ListedShard[]> {
    const { from } = this.#parts.range;
    const endedAfterMs = from.kind === 'time' ? from.atMs : undefined;
    return this.#patience.until(() => this.#parts.stream.listShards(endedAfterMs));
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
    // What is thrown because the tail ends is no reason for it to end.
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

/** Of a shard whose parents were read: with LATEST, its first records would be left out. */
function laterPositionOf(from: TailFrom): Position {
  return from.kind === 'time' ? positionOf(from) : { type: 'TRIM_HORIZON' };
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && error.name === 'ResourceNotFoundException';
}

/** The result of a write; undefined where it takes too long after the signal. */
async function withGrace<T>(write: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const done = new AbortController();
  const grace = async () => {
    if (!signal.aborted) {
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { signal: done.signal, once: true });
        done.signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    await delay(WRITE_GRACE_MS, undefined, { signal: done.signal }).catch(() => {});
    return undefined;
  };
  try {
    return await Promise.race([write, grace()]);
  } finally {
    done.abort();
  }
}
