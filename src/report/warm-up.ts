import { formatDuration } from '../core/units.js';

/** What a report says about the warm-up of its run. */
export function warmUpText(warmUpMs: number): string {
  return `percentiles, histograms and thresholds leave out the first ${formatDuration(warmUpMs)}`;
}
