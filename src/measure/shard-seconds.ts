import type { ShardSteps, ShardsOverTime } from '../core/report.js';
import type { ShardCounts } from '../core/snapshot.js';

/** The last seconds are kept apart: live views ask for them, and slower workers still add to them. */
const RECENT_SECONDS = 64;
/** Older seconds become steps. If these are too many, or have too many counts, two become one. */
const STEPS_MAX = 4096;
const CELLS_MAX = 2 ** 19;
const SHARDS_REPORTED = 64;

/** For each shard, by its index: records sent, bytes sent, and records throttled. */
type Counts = Float64Array<ArrayBuffer>;
const COUNTS_PER_SHARD = 3;
const SENT = 0;
const BYTES = 1;
const THROTTLED = 2;

/** What each shard took in each second of a run, in bounded memory. */
export class ShardSeconds {
  readonly #indexes = new Map<string, number>();
  readonly #recent = new Map<number, Counts>();
  #newest = 0;
  /** By the number of the step. Those in which nothing happened have no entry. */
  #steps = new Map<number, Counts>();
  #stepSeconds = 1;
  readonly #stepsMax: number;
  readonly #cellsMax: number;

  /**
   * @param stepsMax at most this many steps
   * @param cellsMax at most this many steps, times the number of shards
   */
  constructor(stepsMax = STEPS_MAX, cellsMax = CELLS_MAX) {
    this.#stepsMax = stepsMax;
    this.#cellsMax = cellsMax;
  }

  add(second: number, id: string, { sent, bytes, throttled }: ShardCounts): void {
    const at = COUNTS_PER_SHARD * this.#indexOf(id);
    if (second > this.#newest) {
      this.#newest = second;
      this.#closeBefore(second - RECENT_SECONDS + 1);
    }
    const isRecent = second > this.#newest - RECENT_SECONDS;
    const counts = isRecent
      ? countsAt(this.#recent, second, at + COUNTS_PER_SHARD)
      : this.#stepOf(second, at + COUNTS_PER_SHARD);
    counts[at + SENT]! += sent;
    counts[at + BYTES]! += bytes;
    counts[at + THROTTLED]! += throttled;
  }

  /** What a shard took in one of the last seconds. */
  countsIn(second: number, id: string): ShardCounts {
    const index = this.#indexes.get(id);
    const counts = this.#recent.get(second);
    if (index === undefined || counts === undefined) return { sent: 0, bytes: 0, throttled: 0 };
    const [sent = 0, bytes = 0, throttled = 0] = counts.subarray(COUNTS_PER_SHARD * index);
    return { sent, bytes, throttled };
  }

  /** @param ids all shards, also those that took nothing; null: fewer than two */
  overTime(ids: readonly string[]): ShardsOverTime | null {
    if (ids.length < 2) return null;
    for (const id of ids) this.#indexOf(id);
    this.#closeBefore(Number.POSITIVE_INFINITY);
    const length = Math.max(-1, ...this.#steps.keys()) + 1;
    const series = ids.map((id) => this.#series(id, length));
    const load = ({ sent, throttled }: ShardSteps) => sum(sent) + sum(throttled ?? []);
    const byLoad = series.map((one) => [load(one), one] as const).sort(([a], [b]) => b - a);
    const others = byLoad.slice(SHARDS_REPORTED).map(([, one]) => one);
    const added = (key: 'sent' | 'throttled') =>
      Array.from({ length }, (_, step) => others.reduce((total, one) => total + (one[key]?.[step] ?? 0), 0));
    return {
      stepSeconds: this.#stepSeconds,
      shards: byLoad.slice(0, SHARDS_REPORTED).map(([, one]) => one),
      others:
        others.length === 0
          ? null
          : { count: others.length, sent: added('sent'), throttled: nullIfZero(added('throttled')) },
    };
  }

  #series(id: string, length: number): ShardSteps {
    const at = COUNTS_PER_SHARD * this.#indexOf(id);
    const values = (key: number) => Array.from({ length }, (_, step) => this.#steps.get(step)?.[at + key] ?? 0);
    return { id, sent: values(SENT), throttled: nullIfZero(values(THROTTLED)) };
  }

  #indexOf(id: string): number {
    let index = this.#indexes.get(id);
    if (index === undefined) {
      index = this.#indexes.size;
      this.#indexes.set(id, index);
    }
    return index;
  }

  #closeBefore(end: number): void {
    for (const [second, counts] of this.#recent) {
      if (second >= end) continue;
      addTo(this.#stepOf(second, counts.length), counts);
      this.#recent.delete(second);
    }
  }

  #stepOf(second: number, length: number): Counts {
    const isTooFar = () => second >= this.#stepsMax * this.#stepSeconds;
    while (isTooFar() || (this.#steps.size > 1 && this.#steps.size * this.#indexes.size > this.#cellsMax)) {
      this.#stepSeconds *= 2;
      const steps = new Map<number, Counts>();
      for (const [step, counts] of this.#steps) addTo(countsAt(steps, step >> 1, counts.length), counts);
      this.#steps = steps;
    }
    return countsAt(this.#steps, Math.floor(second / this.#stepSeconds), length);
  }
}

/** The counts at a place of the map, for at least `length` shards. */
function countsAt(map: Map<number, Counts>, place: number, length: number): Counts {
  const counts = map.get(place);
  if (counts !== undefined && counts.length >= length) return counts;
  // Shards are met one after the other in the first second.
  const grown = new Float64Array(counts === undefined ? length : Math.max(length, 2 * counts.length));
  if (counts !== undefined) grown.set(counts);
  map.set(place, grown);
  return grown;
}

function addTo(sums: Counts, counts: Counts): void {
  for (const [i, count] of counts.entries()) sums[i]! += count;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function nullIfZero(values: readonly number[]): readonly number[] | null {
  return values.some((value) => value > 0) ? values : null;
}
