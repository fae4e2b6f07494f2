import type { Snapshot } from '../../core/snapshot.js';
import type { Totals } from '../../measure/totals.js';
import { LiveRates } from './live-rates.js';
import { RecentLatencies } from './recent-latencies.js';
import { completeSeconds } from './seconds.js';

/** What live views show and reports do not: the last seconds in detail. It exists once a view was asked for. */
export class LiveTracker {
  readonly rates: LiveRates;
  readonly latencies = new RecentLatencies();

  /** @param limited see `LiveRates` */
  constructor(shardIds: readonly string[], limited: boolean) {
    this.rates = new LiveRates(shardIds, limited);
  }

  add(snapshot: Snapshot): void {
    this.latencies.add(snapshot);
  }

  advance(totals: Totals, elapsedMs: number): void {
    this.latencies.moveTo(completeSeconds(elapsedMs));
    this.rates.sample(totals, elapsedMs, this.latencies);
  }
}
