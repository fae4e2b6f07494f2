import type { ThresholdReport } from '../core/report.js';
import type { IntervalCounts, IntervalDelta, ShardCounts, Snapshot, SparseHistogram } from '../core/snapshot.js';
import { holds, type Threshold, valueText } from './parse.js';
import { type Distribution, type Second, type Seen, Window } from './window.js';

const SECOND_MS = 1000;
/** A second is complete this long after its end: the workers' snapshots have arrived by then. */
const SETTLE_MS = 300;

/** The run at one moment, as far as the workers do not report it. */
export interface Moment {
  /** Since the run began. */
  readonly elapsedMs: number;
  /** Whether records are due: the run has begun, is not paused, and has more to read. */
  readonly isPaced: boolean;
  /** Records due in a second of the run; undefined: the run has no rate. */
  readonly askedIn: (second: number) => number | undefined;
  /** Records rejected so far. */
  readonly rejected: number;
  /** How far the run is behind its schedule. */
  readonly behindMs: number;
}

/** Watches the thresholds of a run, second by second. */
export class ThresholdWatch {
  readonly #checks: readonly Check[];
  readonly #warmUpSeconds: number;
  readonly #wantsShards: boolean;
  /** Those that a threshold is about: a window of an hour keeps no others. */
  readonly #distributions: ReadonlySet<Distribution>;
  /** What the workers counted in the seconds that are not over, by index. */
  readonly #open = new Map<number, IntervalDelta[]>();
  /** Seconds in which records were not due all the time. */
  readonly #unpaced = new Set<number>();
  #next = 0;
  #closedAtMs = 0;
  #behindMs = 0;
  #rejected = 0;
  /** Since the last second was closed. */
  #maybeDuplicated = 0;
  #bytes = 0;
  #shards = new Map<string, ShardCounts>();

  /**
   * @param warmUpMs what happens before counts for no threshold
   * @param isPart whether this is only a part of the run that the thresholds are for
   */
  constructor(thresholds: readonly Threshold[], warmUpMs = 0, isPart = false) {
    this.#warmUpSeconds = warmUpMs / SECOND_MS;
    this.#checks = thresholds.map((threshold) => {
      const afterSeconds = Math.max(threshold.afterSeconds, this.#warmUpSeconds);
      return new Check({ ...threshold, afterSeconds }, isPart && needsWhole(threshold));
    });
    this.#distributions = new Set(thresholds.flatMap(({ metric }) => metric.distribution ?? []));
    this.#wantsShards = thresholds.some(({ metric }) => metric.shardValue !== undefined);
  }

  /** Takes what a worker reports. What comes late for a second counts in the one after it. */
  add({ intervals, maybeDuplicated, bytesSent }: Pick<Snapshot, 'intervals' | 'maybeDuplicated' | 'bytesSent'>): void {
    for (const delta of intervals) {
      if (delta.index < this.#warmUpSeconds) continue;
      const index = Math.max(delta.index, this.#next);
      const deltas = this.#open.get(index);
      if (deltas === undefined) this.#open.set(index, [delta]);
      else deltas.push(delta);
    }
    this.#maybeDuplicated += maybeDuplicated;
    this.#bytes += bytesSent;
    if (!this.#wantsShards) return;
    for (const [id, { sent, bytes, throttled }] of intervals.flatMap(({ shards }) => [...shards])) {
      const sum = this.#shards.get(id);
      if (sum === undefined) {
        this.#shards.set(id, { sent, bytes, throttled });
        continue;
      }
      sum.sent += sent;
      sum.bytes += bytes;
      sum.throttled += throttled;
    }
  }

  /** Call it several times a second, and before and after each pause: it checks the seconds that are over. */
  tick(moment: Moment): void {
    this.#behindMs = Math.max(this.#behindMs, moment.behindMs);
    if (moment.elapsedMs >= 0 && !moment.isPaced) this.#unpaced.add(Math.floor(moment.elapsedMs / SECOND_MS));
    this.#close(Math.floor((moment.elapsedMs - SETTLE_MS) / SECOND_MS), moment);
  }

  /** The first threshold that asks for the end of the run, and was crossed. */
  get aborts(): Threshold | undefined {
    return this.#checks.find(({ threshold, crossed }) => threshold.abort && crossed !== undefined)?.threshold;
  }

  /**
   * Checks the rest of the run, when all workers have reported.
   *
   * @param scheduleMs how long records were due
   * @param unsent     records read, and neither sent nor given up
   */
  finish(moment: Moment, scheduleMs: number, unsent: number): void {
    const last = Math.max(Math.ceil(moment.elapsedMs / SECOND_MS), ...[...this.#open.keys()].map((index) => index + 1));
    for (let index = Math.floor(scheduleMs / SECOND_MS); index < last; index++) this.#unpaced.add(index);
    this.#behindMs = Math.max(this.#behindMs, moment.behindMs);
    this.#close(last, moment);
    for (const check of this.#checks) check.finish(unsent);
  }

  /** The thresholds as they are now, or were when they were crossed. */
  results(): ThresholdReport[] {
    return this.#checks.map((check) => check.result());
  }

  /** Closes the seconds before `end`. */
  #close(end: number, { elapsedMs, rejected, askedIn }: Moment): void {
    const count = end - this.#next;
    if (count <= 0) return;
    const lengthMs = (elapsedMs - this.#closedAtMs) / count;
    // If several seconds are closed at once, it is not known in which one the bytes went. They are not cut into
    // fractions: what is added to a window must leave it without a rest.
    const shardsIn = (i: number) =>
      new Map(
        [...this.#shards].map(([id, { sent, bytes, throttled }]) => [
          id,
          { sent: part(sent, i, count), bytes: part(bytes, i, count), throttled: part(throttled, i, count) },
        ]),
      );
    let once = { rejected: rejected - this.#rejected, maybeDuplicated: this.#maybeDuplicated };
    for (let i = 0; i < count; i++, this.#next++) {
      const index = this.#next;
      const bytes = part(this.#bytes, i, count);
      const shards = shardsIn(i);
      const asked = askedIn(index) ?? 0;
      const isPaced = !this.#unpaced.delete(index);
      const isWhole = (index + 1) * SECOND_MS <= elapsedMs;
      const seen: Seen = { lengthMs, isWhole, isPaced, asked, ...once, bytes, behindMs: this.#behindMs, shards };
      once = { rejected: 0, maybeDuplicated: 0 };
      const counts = merged(index, this.#open.get(index) ?? [], this.#distributions);
      this.#open.delete(index);
      for (const check of this.#checks) check.add({ index, counts, seen });
    }
    this.#closedAtMs = elapsedMs;
    this.#behindMs = 0;
    this.#rejected = rejected;
    this.#maybeDuplicated = 0;
    this.#bytes = 0;
    this.#shards = new Map();
  }
}

/** The i-th of `count` whole parts that make up a whole number. */
function part(whole: number, i: number, count: number): number {
  return Math.floor((whole * (i + 1)) / count) - Math.floor((whole * i) / count);
}

const NO_SHARDS: ReadonlyMap<string, ShardCounts> = new Map();
const NO_TIMES: SparseHistogram = { valuesUs: new Float64Array(), counts: new Float64Array(), sumUs: 0 };

/** What all workers counted in a second, as one: they report it in several parts each. */
function merged(index: number, deltas: readonly IntervalDelta[], wanted: ReadonlySet<Distribution>): IntervalDelta {
  const sum = (key: keyof IntervalCounts) => deltas.reduce((total, delta) => total + delta[key], 0);
  const times = (key: Distribution) => (wanted.has(key) ? mergedTimes(deltas.map((delta) => delta[key])) : NO_TIMES);
  return {
    index,
    offered: sum('offered'),
    sent: sum('sent'),
    failed: sum('failed'),
    throttled: sum('throttled'),
    retried: sum('retried'),
    fromIntended: times('fromIntended'),
    service: times('service'),
    scheduleLag: times('scheduleLag'),
    shards: NO_SHARDS,
  };
}

function mergedTimes(parts: readonly SparseHistogram[]): SparseHistogram {
  const counts = new Map<number, number>();
  for (const part of parts) {
    for (const [i, valueUs] of part.valuesUs.entries())
      counts.set(valueUs, (counts.get(valueUs) ?? 0) + part.counts[i]!);
  }
  return {
    valuesUs: Float64Array.from(counts.keys()),
    counts: Float64Array.from(counts.values()),
    sumUs: parts.reduce((sum, part) => sum + part.sumUs, 0),
  };
}

/** A part that is below an upper bound says nothing about the whole, but one above it breaks it for the whole. */
function needsWhole({ metric, operator, bound }: Threshold): boolean {
  const isUpperBound = operator.startsWith('<') || (operator === '==' && bound === 0);
  return metric.isSum === true && !isUpperBound;
}

/** The value of a window, and for a metric of shards, the shard that has it. */
interface Value {
  readonly value: number;
  readonly shard: string | null;
}

/** One threshold, checked second by second. */
class Check {
  readonly threshold: Threshold;
  /** The second in which the part of the run begins that crossed it; undefined: it was not crossed. */
  crossed: number | undefined;
  readonly #window: Window;
  readonly #isForWhole: boolean;
  /** The worst value of all windows. */
  #worst: Value | undefined;
  /** How many windows have broken it since one held. Those without samples count as neither. */
  #brokenFor = 0;
  /** The second in which the first of them ends. */
  #brokenFrom = 0;

  /** @param isForWhole whether only the whole of a run in parts can be judged by it */
  constructor(threshold: Threshold, isForWhole: boolean) {
    this.threshold = threshold;
    this.#isForWhole = isForWhole;
    this.#window = new Window(threshold.overSeconds, threshold.metric.distribution);
  }

  get #slides(): boolean {
    return this.threshold.overSeconds !== Number.POSITIVE_INFINITY;
  }

  /** Whether what is broken once stays broken. */
  get #isForGood(): boolean {
    const { metric, operator, bound } = this.threshold;
    return (
      metric.known === 'grows' && (operator.startsWith('<') || (operator === '==' && this.#valueNow()!.value > bound))
    );
  }

  /** Whether the window can be judged, after a second that may have been cut short by the end of the run. */
  #isDue(isWholeSecond: boolean): boolean {
    const { metric, abort } = this.threshold;
    if (!this.#window.isFull) return false;
    // A count is not too low yet while it can grow.
    if (metric.known === 'grows' && !(this.#slides && isWholeSecond)) return this.#isForGood;
    return this.#slides || abort;
  }

  add(second: Second): void {
    if (this.#isForWhole || second.index < this.threshold.afterSeconds) return;
    this.#window.add(second);
    if (this.#isDue(second.seen.isWhole)) this.#check(second.index, second.seen.isWhole);
  }

  finish(unsent: number): void {
    this.#window.unsent = unsent;
  }

  result(): ThresholdReport {
    const { threshold, crossed } = this;
    if (this.#isForWhole) {
      const got = 'not judged by a part: kload merge does';
      return { threshold: threshold.text, ok: true, value: null, got, shard: null, since: null };
    }
    const value = this.#slides || (crossed !== undefined && !this.#isForGood) ? this.#worst : this.#valueNow();
    const isOk = crossed === undefined && value !== undefined && (this.#slides || holds(threshold, value.value));
    return {
      threshold: threshold.text,
      ok: isOk,
      value: value?.value ?? null,
      got: value === undefined ? 'no samples' : valueText(threshold, value.value),
      shard: value?.shard ?? null,
      since: crossed ?? null,
    };
  }

  #check(index: number, isWholeSecond: boolean): void {
    const found = this.#valueNow();
    if (found !== undefined && holds(this.threshold, found.value)) this.#brokenFor = 0;
    else if (found !== undefined) {
      const { forSeconds, afterSeconds, overSeconds } = this.threshold;
      if (this.#brokenFor === 0) this.#brokenFrom = index;
      if (isWholeSecond || forSeconds === 0) this.#brokenFor++;
      const isWhole = !this.#slides;
      if (this.#brokenFor >= Math.max(1, forSeconds)) {
        this.crossed ??= isWhole ? index : Math.max(afterSeconds, this.#brokenFrom - overSeconds + 1);
      }
    }
    if (found !== undefined && (this.#worst === undefined || this.#isWorse(found.value, this.#worst.value))) {
      this.#worst = found;
    }
  }

  /** Of all shards that it is about, the worst. */
  #valueNow(): Value | undefined {
    const { metric, stat, shard, afterSeconds } = this.threshold;
    const window = this.#window;
    // The run ended before the seconds that count began.
    if (afterSeconds > 0 && metric.known !== 'at-end' && window.isEmpty) return undefined;
    if (metric.shardValue !== undefined) {
      let worst: Value | undefined;
      for (const [id, counts] of shard === undefined ? window.shards : [[shard, window.shards.get(shard)] as const]) {
        const value = counts && metric.shardValue(counts, window.seconds);
        if (value === undefined) continue;
        if (worst === undefined || this.#isWorse(value, worst.value)) worst = { value, shard: id };
      }
      return worst;
    }
    if (metric.distribution === undefined) {
      const value = metric.value?.(window);
      return value === undefined ? undefined : { value, shard: null };
    }
    const { times } = window;
    if (times.count === 0) return undefined;
    return { value: stat === 'mean' ? times.mean : times.percentile(stat), shard: null };
  }

  /** Whether `a` is further on the wrong side of the bound than `b`, or nearer to it. */
  #isWorse(a: number, b: number): boolean {
    const { operator, bound } = this.threshold;
    if (operator.startsWith('<')) return a > b;
    if (operator.startsWith('>')) return a < b;
    const away = Math.abs(a - bound) > Math.abs(b - bound);
    return operator === '==' ? away : !away;
  }
}
