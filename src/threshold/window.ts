import type { IntervalDelta, ShardCounts } from '../core/snapshot.js';
import { WindowCounts } from '../measure/window-counts.js';

/** A distribution that the workers record. */
export type Distribution = 'fromIntended' | 'service' | 'scheduleLag';

/** What the main thread saw since the second before. */
export interface Seen {
  /** How long that was: about a second. */
  readonly lengthMs: number;
  /** Whether the run went on to the end of the second. */
  readonly isWhole: boolean;
  /** Whether records were due all the time: the run had begun, was not paused, and had more to read. */
  readonly isPaced: boolean;
  /** Records that were due in it; 0 if the run has no rate. */
  readonly asked: number;
  readonly rejected: number;
  readonly maybeDuplicated: number;
  readonly bytes: number;
  /** How far the run was behind its schedule, at most. */
  readonly behindMs: number;
  /** What each shard took. Empty unless a threshold is about shards. */
  readonly shards: ReadonlyMap<string, ShardCounts>;
}

/** One second of a run, when it is over. */
export interface Second {
  /** 0 is the run's first second. */
  readonly index: number;
  /** What the workers counted in it. */
  readonly counts: IntervalDelta;
  readonly seen: Seen;
}

const NOTHING_PACED = { seconds: 0, sent: 0, asked: 0, bytes: 0 };

/** The sums of consecutive seconds: of all that were added, or of the last few. */
export class Window {
  seconds = 0;
  sent = 0;
  failed = 0;
  throttled = 0;
  retried = 0;
  rejected = 0;
  maybeDuplicated = 0;
  /** Records written to a socket, counted each time. */
  attempts = 0;
  /** undefined until the run has ended. */
  unsent: number | undefined;
  /** Sums of the seconds in which records were due all the time. `asked` is what the rate asks for. */
  readonly paced = { ...NOTHING_PACED };
  readonly shards = new Map<string, ShardCounts>();
  readonly times = new WindowCounts();
  readonly #length: number;
  readonly #distribution: Distribution | undefined;
  /** The seconds in the window, if it slides. */
  readonly #held: Second[] = [];
  #added = 0;
  #behindMaxMs = 0;

  /**
   * @param length       in seconds; Infinity: it grows with each second
   * @param distribution what `times` are of; undefined: there are none
   */
  constructor(length: number, distribution: Distribution | undefined) {
    this.#length = length;
    this.#distribution = distribution;
  }

  /** Whether it has the length that it is to have. */
  get isFull(): boolean {
    return this.#added >= (this.#slides ? this.#length : 1);
  }

  get isEmpty(): boolean {
    return this.#added === 0;
  }

  /** undefined: no second was added. */
  get behindMs(): number | undefined {
    if (this.isEmpty) return undefined;
    return this.#slides ? this.#held.reduce((max, { seen }) => Math.max(max, seen.behindMs), 0) : this.#behindMaxMs;
  }

  add(second: Second): void {
    this.#count(second, 1);
    this.#added++;
    this.#behindMaxMs = Math.max(this.#behindMaxMs, second.seen.behindMs);
    if (!this.#slides) return;
    this.#held.push(second);
    if (this.#held.length > this.#length) this.#count(this.#held.shift()!, -1);
  }

  get #slides(): boolean {
    return this.#length !== Number.POSITIVE_INFINITY;
  }

  #count({ counts, seen }: Second, sign: 1 | -1): void {
    this.sent += sign * counts.sent;
    this.failed += sign * counts.failed;
    this.throttled += sign * counts.throttled;
    this.retried += sign * counts.retried;
    this.attempts += sign * (counts.offered + counts.retried);
    if (this.#distribution !== undefined) this.times.add(counts[this.#distribution], sign);
    this.rejected += sign * seen.rejected;
    this.maybeDuplicated += sign * seen.maybeDuplicated;
    this.seconds += (sign * seen.lengthMs) / 1000;
    if (seen.isPaced) {
      this.paced.seconds += sign;
      this.paced.sent += sign * counts.sent;
      this.paced.asked += sign * seen.asked;
      this.paced.bytes += (sign * seen.bytes * 1000) / seen.lengthMs;
    }
    // Without a second that was paced, nothing may be left of fractions that were added and taken out again.
    if (this.paced.seconds === 0) Object.assign(this.paced, NOTHING_PACED);
    for (const [id, shard] of seen.shards) {
      const sum = this.shards.get(id) ?? { sent: 0, bytes: 0, throttled: 0 };
      sum.sent += sign * shard.sent;
      sum.bytes += sign * shard.bytes;
      sum.throttled += sign * shard.throttled;
      this.shards.set(id, sum);
    }
  }
}
