import { formatBytes, formatCount, formatLatency } from '../core/units.js';
import { nowMs } from '../system/clock.js';

/** Why a tail ended. */
export type EndReason = 'caught-up' | 'all-ended' | 'count' | 'duration' | 'until' | 'interrupted' | 'pipe';

export interface TailResult {
  /** Undefined while the tail is running. */
  readonly reason: EndReason | undefined;
  /** The number of written records. */
  readonly records: number;
  /** The size of their data, keys and headers. */
  readonly bytes: number;
  /** What users call a part of the source: shard or partition. */
  readonly part: string;
  /** The number of shards or partitions that the tail has begun to read. */
  readonly shards: number;
  /** The number of shards that still wait for their parents. */
  readonly waiting: number;
  readonly elapsedMs: number;
  /** The age of the oldest record that is not written yet; 0: no shard had more records when it was last read. */
  readonly behindMs: number;
}

/** Counts the shards of a tail, and tracks how far it is behind. */
export class TailTotals {
  readonly #part: TailResult['part'];
  readonly #startedAtMs = nowMs();
  readonly #behindMs = new Map<string, number>();
  #shards = 0;

  constructor(part: TailResult['part']) {
    this.#part = part;
  }

  shardBegun(): void {
    this.#shards++;
  }

  /** @param behindMs the age of the shard's oldest record that is not written yet */
  shardBehind(shardId: string, behindMs: number): void {
    this.#behindMs.set(shardId, behindMs);
  }

  shardEnded(shardId: string): void {
    this.#behindMs.delete(shardId);
  }

  result(reason: EndReason | undefined, records: number, bytes: number, waiting: number): TailResult {
    return {
      reason,
      records,
      bytes,
      part: this.#part,
      shards: this.#shards,
      waiting,
      elapsedMs: nowMs() - this.#startedAtMs,
      behindMs: Math.max(0, ...this.#behindMs.values()),
    };
  }
}

/** Summarizes a tail in one line. */
export function summarize(result: TailResult): string {
  const { records, bytes, part, shards, elapsedMs } = result;
  const parts = [
    `${plural(records, 'record')} (${formatBytes(bytes)})`,
    `${plural(shards, part)} in ${formatLatency(elapsedMs)}`,
  ];
  return `${parts.join(' from ')}, ${standing(result)}`;
}

/** Describes the progress of a running tail. */
export function progressText({ records, bytes, elapsedMs, behindMs }: TailResult): string {
  const behind = behindMs === 0 ? 'caught up' : `${formatLatency(behindMs)} behind`;
  return `${plural(records, 'record')} (${formatBytes(bytes)}) in ${formatLatency(elapsedMs)}, ${behind}`;
}

function standing({ reason, behindMs, waiting, part }: TailResult): string {
  if (reason === 'until') return 'up to the time asked for';
  if (reason === 'all-ended') return `all ${part}s ended`;
  const unread = waiting === 0 ? '' : `, ${plural(waiting, part)} not begun`;
  return behindMs === 0 && waiting === 0 ? 'caught up' : `${formatLatency(behindMs)} behind${unread}`;
}

function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
