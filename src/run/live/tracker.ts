import type { Snapshot } from '../../core/snapshot.js';
import type { Totals } from '../../measure/totals.js';
import { LiveRates } from './live-rates.js';
import { RecentLatencies } from './recent-latencies.js';
import { completeSeconds } from './seconds.js';
import { TargetHistory } from './target-history.js';

/** What live views show and reports do not: the last seconds in detail. It exists once a view was asked for. */
export class LiveTracker {
  readonly rates: LiveRates;
  readonly latencies = new RecentLatencies();
  readonly targets = new TargetHistory();

  /** @param limited see `LiveRates` */
  constructor(shardIds: readonly string[], limited: boolean) {
    this.rates = new LiveRates(shardIds, limited);
  }

  add(snapshot: Snapshot): void {
    this.latencies.add(snapshot);
  }

  /** @param rps the target rate since the last call, if there is one; call this before each change of it */
  advance(totals: Totals, elapsedMs: number, rps: number | undefined): void {
    if (rps !== undefined) this.targets.advance(elapsedMs, rps);
    this.latencies.moveTo(completeSeconds(elapsedMs));
    this.rates.sample(totals, elapsedMs, this.latencies);
  }
}
