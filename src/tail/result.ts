import { nowMs } from '../core/clock.js';
import { formatBytes, formatCount, formatLatency } from '../core/units.js';

/** Why a tail ended. */
export type EndReason = 'caught-up' | 'all-ended' | 'count' | 'duration' | 'until' | 'interrupted' | 'pipe';

export interface TailResult {
  /** Undefined while it goes on. */
  readonly reason: EndReason | undefined;
  /** Records that were written. */
  readonly records: number;
  /** Their data and keys. */
  readonly bytes: number;
  /** Shards that were read. */
  readonly shards: number;
  /** Shards that still waited for their parents. */
  readonly waiting: number;
  readonly elapsedMs: number;
  /** How old the oldest record is that was not written yet; 0: there was none when each shard was last looked at. */
  readonly behindMs: number;
}

/** What a tail knows of its shards. */
export class TailTotals {
  readonly #startedAtMs = nowMs();
  readonly #behindMs = new Map<string, number>();
  #shards = 0;

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
      shards: this.#shards,
      waiting,
      elapsedMs: nowMs() - this.#startedAtMs,
      behindMs: Math.max(0, ...this.#behindMs.values()),
    };
  }
}

/** A tail in one line. */
export function summarize(result: TailResult): string {
  const { records, bytes, shards, elapsedMs } = result;
  const parts = [
    `${plural(records, 'record')} (${formatBytes(bytes)})`,
    `${plural(shards, 'shard')} in ${formatLatency(elapsedMs)}`,
  ];
  return `${parts.join(' from ')}, ${standing(result)}`;
}

/** How far a tail that goes on has come. */
export function progressText({ records, bytes, elapsedMs, behindMs }: TailResult): string {
  const behind = behindMs === 0 ? 'caught up' : `${formatLatency(behindMs)} behind`;
  return `${plural(records, 'record')} (${formatBytes(bytes)}) in ${formatLatency(elapsedMs)}, ${behind}`;
}

function standing({ reason, behindMs, waiting }: TailResult): string {
  if (reason === 'until') return 'up to the time asked for';
  if (reason === 'all-ended') return 'all shards ended';
  const unread = waiting === 0 ? '' : `, ${plural(waiting, 'shard')} not begun`;
  return behindMs === 0 && waiting === 0 ? 'caught up' : `${formatLatency(behindMs)} behind${unread}`;
}

function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
