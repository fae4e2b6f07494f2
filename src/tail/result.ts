import { formatBytes, formatCount, formatLatency } from '../core/units.js';
import { nowMs } from '../system/clock.js';

/** Why a tail ended. */
export type EndReason = 'caught-up' | 'all-ended' | 'count' | 'duration' | 'until' | 'interrupted' | 'pipe';

export interface TailResult {
  /** Undefined while it goes on. */
  readonly reason: EndReason | undefined;
  /** Records that were written. */
  readonly records: number;
  /** Their data, keys and headers. */
  readonly bytes: number;
  /** What a part of what is read is called. */
  readonly part: 'shard' | 'partition';
  /** Shards or partitions that were read. */
  readonly shards: number;
  /** Shards that still waited for their parents. */
  readonly waiting: number;
  readonly elapsedMs: number;
  /** How old the oldest record is that was not written yet; 0: there was none when each shard was last looked at. */
  readonly behindMs: number;
}

/** What a tail knows of its shards. */
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

  /** @param behindMs of the records of this shard that were not written */
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

/** A tail in one line. */
export function summarize(result: TailResult): string {
  const { records, bytes, part, shards, elapsedMs } = result;
  const parts = [
    `${plural(records, 'record')} (${formatBytes(bytes)})`,
    `${plural(shards, part)} in ${formatLatency(elapsedMs)}`,
  ];
  return `${parts.join(' from ')}, ${standing(result)}`;
}

/** How far a tail that goes on has come. */
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
