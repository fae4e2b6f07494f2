import { type LiveLatency, RECENT_SECONDS } from '../../core/live.js';
import type { IntervalDelta, Snapshot } from '../../core/snapshot.js';
import { WindowCounts } from '../../measure/window-counts.js';

interface HeldSecond {
  readonly deltas: (readonly [workerId: number, delta: IntervalDelta])[];
  /** Whether the second is in the window. */
  isRecent: boolean;
}

/** The latencies of the last complete seconds, of all workers and of each. */
export class RecentLatencies {
  /** By index. Seconds that have left the window are dropped. */
  readonly #seconds = new Map<number, HeldSecond>();
  readonly #fromIntended = new WindowCounts();
  readonly #service = new WindowCounts();
  readonly #workers = new Map<number, WindowCounts>();
  /** The window: seconds from the first up to but excluding the second. */
  #beginsAt = 0;
  #endsAt = 0;
  /** undefined: to be computed again. */
  #latency: LiveLatency | undefined;

  add({ workerId, intervals }: Snapshot): void {
    for (const delta of intervals) {
      if (delta.index < this.#beginsAt) continue;
      let second = this.#seconds.get(delta.index);
      if (second === undefined) {
        second = { deltas: [], isRecent: delta.index < this.#endsAt };
        this.#seconds.set(delta.index, second);
      }
      second.deltas.push([workerId, delta]);
      if (second.isRecent) this.#count(workerId, delta, 1);
    }
  }

  /** Moves the window. @param complete how many seconds of the run are complete */
  moveTo(complete: number): void {
    this.#beginsAt = Math.max(0, complete - RECENT_SECONDS);
    this.#endsAt = complete;
    for (const [index, second] of this.#seconds) {
      const isRecent = index >= this.#beginsAt && index < this.#endsAt;
      if (isRecent !== second.isRecent) {
        for (const [workerId, delta] of second.deltas) this.#count(workerId, delta, isRecent ? 1 : -1);
        second.isRecent = isRecent;
      }
      if (index < this.#beginsAt) this.#seconds.delete(index);
    }
  }

  get latency(): LiveLatency {
    this.#latency ??= {
      fromIntended: this.#fromIntended.percentiles(),
      service: this.#service.percentiles(),
      histogram: this.#fromIntended.bars(),
    };
    return this.#latency;
  }

  /** Latency from intended of one worker. */
  ofWorker(id: number): { readonly p50: number; readonly p99: number } {
    const { p50 = 0, p99 = 0 } = this.#workers.get(id)?.percentiles() ?? {};
    return { p50, p99 };
  }

  #count(workerId: number, { fromIntended, service }: IntervalDelta, sign: 1 | -1): void {
    let worker = this.#workers.get(workerId);
    if (worker === undefined) {
      worker = new WindowCounts();
      this.#workers.set(workerId, worker);
    }
    worker.add(fromIntended, sign);
    this.#fromIntended.add(fromIntended, sign);
    this.#service.add(service, sign);
    this.#latency = undefined;
  }
}
