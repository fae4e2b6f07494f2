import { formatCount, formatShort } from '../core/units.js';

/** 12,345 if that fits into the columns, otherwise 12k. */
export function countWithin(n: number, columns: number): string {
  const exact = formatCount(n);
  return exact.length <= columns ? exact : formatShort(n);
}

/** A load for a narrow column: 7 %, 100 %, at most 999 %. */
export function wholePercent(share: number): string {
  return `${Math.min(999, Math.round(share * 100))} %`;
}
