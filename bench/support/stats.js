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
 * What was measured side by side, divided pair by pair: whatever else the machine did hit both of a pair alike.
 * @param {readonly number[]} values
 * @param {readonly number[]} bases as many
 * @returns {number[]}
 */
export function pairRatios(values, bases) {
  return values.map((value, index) => value / (bases[index] ?? Number.NaN));
}
