import type { RunPhase } from '../core/live.js';
import type { Snapshot, WorkerGauges } from '../core/snapshot.js';
import { INTERVAL_MS } from '../measure/recorder.js';
import { Totals } from '../measure/totals.js';
import type { Schedule } from '../schedule/schedule.js';
import { nowMs, wallTimeOf } from '../system/clock.js';
import type { Threshold } from '../threshold/parse.js';
import { type Moment, ThresholdWatch } from '../threshold/watch.js';
import type { Feed } from './feed/feed.js';

/** How far a run has come: its phase, its clock and its counts. Times are milliseconds of the shared clock. */
export class Progress {
  phase: RunPhase = 'starting';
  /** When the first record is due, or was: on the shared clock, and by the wall clock. */
  startMs = nowMs();
  startedAt = new Date();
  /** When the run ended; undefined: it lasts. */
  endMs: number | undefined;
  /** Whether `startMs` is final: the first record was read, and the wait for `--start-at` is over. */
  hasBegun = false;
  /** What the workers have reported. */
  readonly totals: Totals;
  readonly schedule: Schedule;
  readonly thresholds: ThresholdWatch;
  /** undefined until the run starts to read. */
  feed: Feed | undefined;
  /** How often the user asked the run to stop. */
  stops = 0;

  /** @param makeSchedule makes a schedule that starts at `startMs` */
  constructor(
    makeSchedule: (startMs: number) => Schedule,
    thresholds: readonly Threshold[],
    warmUpMs: number,
    isPart: boolean,
  ) {
    this.schedule = makeSchedule(this.startMs);
    this.totals = new Totals({ warmUpMs });
    this.thresholds = new ThresholdWatch(thresholds, warmUpMs, isPart);
  }

  /** Sets when the first record is due. */
  begin(startMs: number): void {
    this.startMs = startMs;
    this.startedAt = wallTimeOf(startMs);
  }

  /** Takes what a worker reports. */
  add(snapshot: Snapshot): void {
    this.totals.add(snapshot);
    this.thresholds.add(snapshot);
  }

  /** What the thresholds need to know beside the workers' reports. */
  momentAt(clockMs: number): Moment {
    const { phase, schedule, feed, startMs } = this;
    const elapsedMs = clockMs - startMs;
    // Records are read a little before they are due.
    const isDue = phase === 'running' || elapsedMs - schedule.pausedMsAt(clockMs) < schedule.lengthMs;
    return {
      elapsedMs,
      isPaced: isDue && !schedule.paused,
      askedIn: (second) => this.askedIn(second),
      rejected: feed?.rejected ?? 0,
      behindMs: this.behindMs(clockMs),
    };
  }

  /** Records due in a second of the run; undefined: the run has no rate. */
  askedIn(second: number): number | undefined {
    const fromMs = this.startMs + second * INTERVAL_MS;
    return this.schedule.askedBetween(fromMs, fromMs + INTERVAL_MS);
  }

  /** How late the run is: its next record, or the oldest that waits in a worker. */
  behindMs(clockMs: number): number {
    return Math.max(this.feed?.behindMs(clockMs) ?? 0, ...this.gauges.map((gauge) => gauge.behindMs));
  }

  /** The workers' gauges at their last snapshots. */
  get gauges(): WorkerGauges[] {
    return [...this.totals.workers.values()].map(({ gauges }) => gauges);
  }
}
