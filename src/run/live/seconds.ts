import { INTERVAL_MS } from '../../measure/recorder.js';

/** The chart shows this many seconds. */
export const SECONDS_SHOWN = 60;
/** A second is complete this long after its end: the workers' snapshots have arrived by then. */
const SETTLE_MS = 300;

/** How many seconds of a run are complete. */
export function completeSeconds(elapsedMs: number): number {
  return Math.max(0, Math.floor((elapsedMs - SETTLE_MS) / INTERVAL_MS));
}
