import type { StreamRecord } from '../core/stream-record.js';

/** The most records in one batch. Small, so that `--count` does not discard many. */
const BATCH_RECORDS_MAX = 500;

interface ShardBuffer {
  records: readonly StreamRecord[];
  /** The index of the next record to hand on. */
  at: number;
  /** True if the shard is not known to have more records, which could be older than those of other shards. */
  caughtUp: boolean;
  /** Called when all records were handed on. */
  onEmpty: () => void;
}

/**
 * Merges the records of all shards in the order of their arrival, from one page per shard at a time. Waits for a shard
 * that is behind, because its next records may be older than those of the others. Does not wait for a shard that has
 * caught up, so that new records are handed on at once. The records of one shard keep their order, whatever their
 * times.
 */
export class Merge {
  readonly #shards = new Map<string, ShardBuffer>();
  #finished = false;
  /** True once the consumer of `batches` has stopped. */
  #abandoned = false;
  #wake: () => void = () => {};

  /** Adds a shard. The others wait for it until it has caught up, unless `caughtUp` says that it already has. */
  open(shardId: string, caughtUp: boolean): void {
    this.#shards.set(shardId, { records: [], at: 0, caughtUp, onEmpty: () => {} });
  }

  /** Notes that a shard has no records yet, so that the others stop waiting for it. */
  empty(shardId: string): void {
    const shard = this.#shards.get(shardId);
    if (shard !== undefined) shard.caughtUp = true;
    this.#wake();
  }

  /** Adds a page of a shard. Resolves when all of its records were handed on, or when the consumer has stopped. */
  put(shardId: string, records: readonly StreamRecord[], caughtUp: boolean): Promise<void> {
    const shard = this.#shards.get(shardId);
    if (shard === undefined) throw new Error(`shard ${shardId} is not open`);
    return new Promise((resolve) => {
      Object.assign(shard, { records, at: 0, caughtUp, onEmpty: resolve });
      if (records.length === 0 || this.#abandoned) resolve();
      this.#wake();
    });
  }

  /** Removes a shard, which has no more records. */
  close(shardId: string): void {
    this.#shards.delete(shardId);
    this.#wake();
  }

  /** Notes that no more shards will be opened. */
  finish(): void {
    this.#finished = true;
    this.#wake();
  }

  /** Hands the records on. Ends when all shards are closed after `finish`, or when the signal aborts. */
  async *batches(signal: AbortSignal): AsyncGenerator<StreamRecord[], void, void> {
    const wake = () => this.#wake();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted) {
        const batch = this.#take();
        if (batch.length > 0) yield batch;
        else if (this.#finished && this.#shards.size === 0) return;
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
      }
    } finally {
      signal.removeEventListener('abort', wake);
      this.#abandoned = true;
      for (const shard of this.#shards.values()) shard.onEmpty();
    }
  }

  #take(): StreamRecord[] {
    const batch: StreamRecord[] = [];
    while (batch.length < BATCH_RECORDS_MAX) {
      const next = this.#next();
      if (next === undefined) break;
      this.#takeRun(next.shard, next.untilMs, batch);
    }
    return batch;
  }

  /** Finds the shard with the oldest record, and until when its records come first; undefined: wait for a shard. */
  #next(): { shard: ShardBuffer; untilMs: number } | undefined {
    let shard: ShardBuffer | undefined;
    let oldestMs = Number.POSITIVE_INFINITY;
    let untilMs = Number.POSITIVE_INFINITY;
    for (const other of this.#shards.values()) {
      const head = other.records[other.at];
      if (head === undefined) {
        if (!other.caughtUp) return undefined;
        continue;
      }
      // A record without a time does not wait for other shards.
      const headMs = Number.isNaN(head.arrivedAtMs) ? Number.NEGATIVE_INFINITY : head.arrivedAtMs;
      if (shard === undefined || headMs < oldestMs) {
        untilMs = oldestMs;
        oldestMs = headMs;
        shard = other;
      } else if (headMs < untilMs) untilMs = headMs;
    }
    return shard === undefined ? undefined : { shard, untilMs };
  }

  /** Takes a shard's records up to a time, and at least one. */
  #takeRun(shard: ShardBuffer, untilMs: number, batch: StreamRecord[]): void {
    const { records } = shard;
    do batch.push(records[shard.at++]!);
    while (
      shard.at < records.length &&
      batch.length < BATCH_RECORDS_MAX &&
      !(records[shard.at]!.arrivedAtMs > untilMs)
    );
    if (shard.at < records.length) return;
    Object.assign(shard, { records: [], at: 0 });
    shard.onEmpty();
  }
}
