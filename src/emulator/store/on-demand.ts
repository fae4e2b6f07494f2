import type { ReshardStep, ShardState, StreamState } from './stream-state.js';

/**
 * How an on-demand stream scales. The service splits a shard that takes half of its capacity in one minute, and keeps
 * room for twice the highest traffic of the last 30 days: it merges two neighbours that both stayed below a quarter of
 * their capacity for 30 days, so that the merged shard stays below half.
 */

/** An on-demand stream starts with this many shards and never has less. */
const SHARDS_MIN = 4;
const MINUTE_MS = 60_000;
const QUIET_MS = 30 * 24 * 3_600_000;
/** Half of a shard's capacity in one minute. */
const SPLIT_RECORDS = 500 * 60;
const SPLIT_BYTES = 512 * 1024 * 60;

/** The fewest shards of a stream with this warm throughput: one for each MiB/s, and at least four. */
export function onDemandShards(warmThroughputMiBps: number | undefined): number {
  return Math.max(SHARDS_MIN, warmThroughputMiBps ?? 0);
}

/** Counts the records and bytes written to one shard in each minute. */
export class WriteMeter {
  readonly #shard: ShardState;
  readonly #onHalfFull: (shard: ShardState) => void;
  #minute = 0;
  #records = 0;
  #bytes = 0;

  /** @param onHalfFull called for each write while the shard is at half of its capacity in this minute, or more */
  constructor(shard: ShardState, onHalfFull: (shard: ShardState) => void) {
    this.#shard = shard;
    this.#onHalfFull = onHalfFull;
  }

  /** @param bytes size of data and key */
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
 * The steps that fit the stream's shards to its traffic.
 * @param open     its open shards, sorted by hash key
 * @param halfFull indexes of the shards that should be split
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
    } else if (
      next !== undefined &&
      mergeableFromMs(shard, next) <= now &&
      count > onDemandShards(warmThroughputMiBps)
    ) {
      steps.push({ type: 'merge', shards: [shard.index, next.index] });
      count--;
      i++;
    }
  }
  return steps;
}

/** Whether the stream may have one more shard and this shard's range has two keys or more. */
export function canSplit({ range: [start, end] }: ShardState, openShards: number, shardsMax: number): boolean {
  return openShards < shardsMax && start !== end;
}

/** When the first two neighbours can be merged if nothing more is written, epoch milliseconds; Infinity for never. */
export function nextMergeMs({ warmThroughputMiBps }: StreamState, open: readonly ShardState[]): number {
  if (open.length <= onDemandShards(warmThroughputMiBps)) return Number.POSITIVE_INFINITY;
  const times = open.slice(1).map((shard, i) => mergeableFromMs(open[i]!, shard));
  return times.reduce((least, ms) => Math.min(least, ms), Number.POSITIVE_INFINITY);
}

function mergeableFromMs(shard: ShardState, next: ShardState): number {
  return Math.max(shard.busyAtMs ?? shard.createdAtMs, next.busyAtMs ?? next.createdAtMs) + QUIET_MS;
}

/** The first hash key of the upper half of a range of two keys or more. */
function middleOf({ range }: ShardState): string {
  const [start, end] = range.map(BigInt) as [bigint, bigint];
  return String(start + (end - start + 1n) / 2n);
}
