import type { ReshardStep, ShardState, StreamState } from './stream-state.js';

/**
 * How an on-demand stream scales. The service splits a shard when in one minute it takes half of what a shard can take
 * on average, and keeps room for twice the highest traffic of the last 30 days: two neighbours that both stayed below a
 * quarter for so long are merged, which leaves the merged one below half.
 */

/** With how many shards an on-demand stream begins, and below which it never goes. */
const SHARDS_MIN = 4;
const MINUTE_MS = 60_000;
const QUIET_MS = 30 * 24 * 3_600_000;
/** Half of what a shard takes in a minute. */
const SPLIT_RECORDS = 500 * 60;
const SPLIT_BYTES = 512 * 1024 * 60;

/** How many shards give the throughput that a stream was asked to be ready for: 1 MiB/s each. */
export function onDemandShards(warmThroughputMiBps: number | undefined): number {
  return Math.max(SHARDS_MIN, warmThroughputMiBps ?? 0);
}

/** Counts what one shard takes in each minute. */
export class WriteMeter {
  readonly #shard: ShardState;
  readonly #onHalfFull: (shard: ShardState) => void;
  #minute = 0;
  #records = 0;
  #bytes = 0;

  /** @param onHalfFull called for every write that finds the shard at half of what it can take in a minute, or more */
  constructor(shard: ShardState, onHalfFull: (shard: ShardState) => void) {
    this.#shard = shard;
    this.#onHalfFull = onHalfFull;
  }

  /** @param bytes data and key */
  count(bytes: number, now: number): void {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#records = 0;
      this.#bytes = 0;
    }
    this.#records++;
    this.#bytes += bytes;
    if (2 * this.#records < SPLIT_RECORDS && 2 * this.#bytes < SPLIT_BYTES) return;
    this.#shard.busyAtMs = now;
    if (this.#records >= SPLIT_RECORDS || this.#bytes >= SPLIT_BYTES) this.#onHalfFull(this.#shard);
  }
}

/**
 * What scales the stream to its traffic.
 * @param open     its open shards, by hash key
 * @param halfFull indexes of those that are to be split
 */
export function scalingSteps(
  { warmThroughputMiBps }: Pick<StreamState, 'warmThroughputMiBps'>,
  open: readonly ShardState[],
  halfFull: ReadonlySet<number>,
  now: number,
  shardsMax: number,
): ReshardStep[] {
  const steps: ReshardStep[] = [];
  let count = open.length;
  for (let i = 0; i < open.length; i++) {
    const shard = open[i]!;
    const next = open[i + 1];
    if (halfFull.has(shard.index) && canSplit(shard, count, shardsMax)) {
      steps.push({ type: 'split', shard: shard.index, at: middleOf(shard) });
      count++;
    } else if (next !== undefined && quietFromMs(shard, next) <= now && count > onDemandShards(warmThroughputMiBps)) {
      steps.push({ type: 'merge', shards: [shard.index, next.index] });
      count--;
      i++;
    }
  }
  return steps;
}

/** Whether a shard, one of so many open ones, can be split: there is room for one more, and a range to halve. */
export function canSplit({ range: [start, end] }: ShardState, openShards: number, shardsMax: number): boolean {
  return openShards < shardsMax && start !== end;
}

/** When the first two neighbours will have been quiet for long enough, if nothing is written; Infinity: never. */
export function nextMergeMs({ warmThroughputMiBps }: StreamState, open: readonly ShardState[]): number {
  if (open.length <= onDemandShards(warmThroughputMiBps)) return Number.POSITIVE_INFINITY;
  const times = open.slice(1).map((shard, i) => quietFromMs(open[i]!, shard));
  return times.reduce((least, ms) => Math.min(least, ms), Number.POSITIVE_INFINITY);
}

function quietFromMs(shard: ShardState, next: ShardState): number {
  return Math.max(shard.busyAtMs ?? shard.createdAtMs, next.busyAtMs ?? next.createdAtMs) + QUIET_MS;
}

/** Where the upper half of a range of two keys or more begins. */
function middleOf({ range }: ShardState): string {
  const [start, end] = range.map(BigInt) as [bigint, bigint];
  return String(start + (end - start + 1n) / 2n);
}
