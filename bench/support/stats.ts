/**
 * @param {readonly number[]} values at least one
 * @returns {number}
 */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * Divides values by bases pair by pair. The two of a pair were measured side by side, so the ratio is hardly affected
 * by whatever else the machine did.
 * @param {readonly number[]} values
 * @param {readonly number[]} bases of the same length
 * @returns {number[]}
 */
export function pairRatios(values, bases) {
  return values.map((value, index) => value / (bases[index] ?? Number.NaN));
}
