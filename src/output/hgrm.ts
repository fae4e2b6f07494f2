import type { Report } from '../core/report.js';
import { LatencyHistogram } from '../measure/latency.js';

/** The distribution of latency from intended in HdrHistogram's text form, in milliseconds. */
export function renderHgrm({ hdrHistograms }: Report): string {
  return LatencyHistogram.decode(hdrHistograms.fromIntended).hgrm();
}
