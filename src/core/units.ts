/** Formats for people: all numbers in lines, panels and summaries use these. */

/** Durations from here on are written in days. */
const DAYS_FROM_HOURS = 100;
const COUNT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 12,345 */
export function formatCount(n: number): string {
  return COUNT.format(n);
}

/** A rate of any size: 0.25, 4.2, 5,000. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0 || perSecond >= 9.95) return formatCount(perSecond);
  return perSecond.toFixed(perSecond < 0.995 ? 2 : 1);
}

/** 0.25 records/s, 1 record/s, 5,000 records/s. */
export function formatRecordRate(perSecond: number): string {
  const rate = formatRate(perSecond);
  return rate === '1.0' ? '1 record/s' : `${rate} records/s`;
}

/** At most five characters: 999, 1.2k, 12k, 345k, 1.2M, 12G. */
export function formatShort(n: number): string {
  const units = ['', 'k', 'M', 'G', 'T'];
  let value = n;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)}${units[unit]}`;
}

/** 512 B, 1.5 kB, 20 MB: powers of 1,000. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  const short = formatShort(bytes);
  return `${short.slice(0, -1)} ${short.slice(-1)}B`;
}

/** A latency: 0.42 ms, 8.1 ms, 120 ms, 1.25 s, 2m 05s. */
export function formatLatency(ms: number): string {
  if (ms < 1) return `${ms.toFixed(2)} ms`;
  if (ms < 99.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 59_995) return `${(ms / 1000).toFixed(2)} s`;
  return formatDuration(ms);
}

/** A lag, which changes while it is read, with little precision: 0.6 s, 3.2 s, 2m 05s. */
export function formatLag(ms: number): string {
  return ms < 59_950 ? `${(ms / 1000).toFixed(1)} s` : formatDuration(ms);
}

/** A duration: 9s, 1m 05s, 2h 03m, 5d 04h. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const pad = (n: number) => String(n).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${pad(seconds % 60)}s`;
  const hours = Math.floor(seconds / 3600);
  if (hours >= DAYS_FROM_HOURS) return `${formatCount(Math.floor(hours / 24))}d ${pad(hours % 24)}h`;
  return `${hours}h ${pad(Math.floor((seconds % 3600) / 60))}m`;
}

/** A share, where 1 is all: 12.5 %, 100 %. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  return `${percent.toFixed(percent < 99.95 ? 1 : 0)} %`;
}
