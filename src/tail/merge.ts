import type { StreamRecord } from '../core/stream-record.js';

/** Records that are handed on at once: few enough to count to a number without much left over. */
const BATCH_RECORDS_MAX = 500;

interface Lane {
  records: readonly StreamRecord[];
  /** The first one that was not handed on. */
  at: number;
  /** Nothing is known to come that is older than what other shards have. */
  caughtUp: boolean;
  taken: () => void;
}

/**
 * Brings the records of all shards into the order of their arrival, a page of each at a time. A shard that is behind is
 * waited for: what it has not given yet may be older than what the others gave. One that has caught up is not, so that
 * new records come as soon as they are read. The records of one shard keep their order, whatever their times.
 */
export class Merge {
  readonly #lanes = new Map<string, Lane>();
  #finished = false;
  /** Nobody takes records any more. */
  #abandoned = false;
  #wake: () => void = () => {};

  /** From now on the others wait for this shard, until it has caught up; @param caughtUp whether it has from the start */
  open(shardId: string, caughtUp: boolean): void {
    this.#lanes.set(shardId, { records: [], at: 0, caughtUp, taken: () => {} });
  }

  /** The shard has nothing to give yet: nobody waits for it any more. */
  empty(shardId: string): void {
    const lane = this.#lanes.get(shardId);
    if (lane !== undefined) lane.caughtUp = true;
    this.#wake();
  }

  /** Resolves when all of them were handed on, or when nobody takes any more. */
  put(shardId: string, records: readonly StreamRecord[], caughtUp: boolean): Promise<void> {
    const lane = this.#lanes.get(shardId);
    if (lane === undefined) throw new Error(`shard ${shardId} is not open`);
    return new Promise((resolve) => {
      Object.assign(lane, { records, at: 0, caughtUp, taken: resolve });
      if (records.length === 0 || this.#abandoned) resolve();
      this.#wake();
    });
  }

  /** Nothing more comes of this shard. */
  close(shardId: string): void {
    this.#lanes.delete(shardId);
    this.#wake();
  }

  /** No shard is opened any more. */
  finish(): void {
    this.#finished = true;
    this.#wake();
  }

  /** Hands the records on; ends when all shards are closed after `finish`, or when the signal says so. */
  async *batches(signal: AbortSignal): AsyncGenerator<StreamRecord[], void, void> {
    const wake = () => this.#wake();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted) {
        const batch = this.#take();
        if (batch.length > 0) yield batch;
        else if (this.#finished && this.#lanes.size === 0) return;
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
      }
    } finally {
      signal.removeEventListener('abort', wake);
      this.#abandoned = true;
      for (const lane of this.#lanes.values()) lane.taken();
    }
  }

  #take(): StreamRecord[] {
    const batch: StreamRecord[] = [];
    while (batch.length < BATCH_RECORDS_MAX) {
      const next = this.#next();
      if (next === undefined) break;
      this.#takeRun(next.lane, next.untilMs, batch);
    }
    return batch;
  }

  /** The shard with the oldest record, and up to when it may be read; undefined where one has to be waited for. */
  #next(): { lane: Lane; untilMs: number } | undefined {
    let lane: Lane | undefined;
    let oldestMs = Number.POSITIVE_INFINITY;
    let untilMs = Number.POSITIVE_INFINITY;
    for (const other of this.#lanes.values()) {
      const head = other.records[other.at];
      if (head === undefined) {
        if (!other.caughtUp) return undefined;
        continue;
      }
      // A record without a time waits for nobody.
      const headMs = Number.isNaN(head.arrivedAtMs) ? Number.NEGATIVE_INFINITY : head.arrivedAtMs;
      if (lane === undefined || headMs < oldestMs) {
        untilMs = oldestMs;
        oldestMs = headMs;
        lane = other;
      } else if (headMs < untilMs) untilMs = headMs;
    }
    return lane === undefined ? undefined : { lane, untilMs };
  }

  /** Takes a shard's records up to a time, and at least one. */
  #takeRun(lane: Lane, untilMs: number, batch: StreamRecord[]): void {
    const { records } = lane;
    do batch.push(records[lane.at++]!);
    while (lane.at < records.length && batch.length < BATCH_RECORDS_MAX && !(records[lane.at]!.arrivedAtMs > untilMs));
    if (lane.at < records.length) return;
    Object.assign(lane, { records: [], at: 0 });
    lane.taken();
  }
}
