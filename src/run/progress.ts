import type { RunPhase } from '../core/live.js';
import type { WorkerGauges } from '../core/snapshot.js';
import { Totals } from '../measure/totals.js';
import type { Schedule } from '../schedule/schedule.js';
import { nowMs } from '../system/clock.js';
import type { Feed } from './feed/feed.js';

/** How far a run has come: its phase, its clock and its counts. Times are milliseconds of the shared clock. */
export class Progress {
  phase: RunPhase = 'starting';
  readonly startedAt = new Date();
  /** When the first record is due, or was. */
  startMs = nowMs();
  /** What the workers have reported. */
  readonly totals = new Totals();
  readonly schedule: Schedule;
  /** undefined until the run starts to read. */
  feed: Feed | undefined;
  /** How often the user asked the run to stop. */
  stops = 0;

  /** @param makeSchedule makes a schedule that starts at `startMs` */
  constructor(makeSchedule: (startMs: number) => Schedule) {
    this.schedule = makeSchedule(this.startMs);
  }

  /** The workers' gauges at their last snapshots. */
  get gauges(): WorkerGauges[] {
    return [...this.totals.workers.values()].map(({ gauges }) => gauges);
  }
}
